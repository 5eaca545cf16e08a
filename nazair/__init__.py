"""SHOW: the command line, and the demo web that it serves. Imports every floor below.

cli        the command `nazair`: groups, exit codes
context    the global options, and how to open what they name
options    options that several commands share
files      files that are written: whole, or not there
commands   one module a command, imported when it is called
output     tables, JSON, JSONL, CSV
logs       how messages are written to stderr
fetching   run a plan, and say how it went
seeds      what a topic is drafted from, and what it would find
health     what a check of sources found
checkup    what `doctor` looks at
exports    export lines into a file
revisions  the versions of an article, as they are told
metrics    the collection's figures for Prometheus
schedule   crawls at times
web        pages, API, widgets, feeds
demo       the bundled web, served on a loopback port
"""

__version__ = "0.1.0"
