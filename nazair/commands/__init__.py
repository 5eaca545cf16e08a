"""One module a command; each has `command`, a click command, and is imported when it is called."""
