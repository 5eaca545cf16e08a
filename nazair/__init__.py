"""SHOW: the command line, and the demo web that it serves. Imports every floor below.

cli        the command `nazair`: options, groups, exit codes
commands   one module a command, imported when it is called
output     tables, JSON, JSONL, CSV
demo       the bundled web, served on a loopback port
"""

__version__ = "0.1.0"
