# Needs Python 3.11 or newer and nothing else; makes its own virtual environment in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -q -c constraints.txt
# As many at once as keep two processors busy: they wait for each other's crawls. Where Python is told to keep no bytecode,
# each of some hundred processes that tests start would compile all anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n $${NAZAIR_TEST_JOBS:-4} --dist worksteal
CODE := nazair crawler pipelines corpus tests bench docs

.PHONY: demo test test-slow check format docs bench bench-ask bench-crawl bench-extract bench-lemmas bench-months bench-serve bench-start bench-survive constraints clean

demo: $(VENV)/.base            ## try it: crawl the bundled web, print the similar list of an essay
	@$(BIN)/nazair demo

test: $(VENV)/.dev             ## the tests, on SQLite and PostgreSQL, offline
	@$(PYTEST) -m 'not slow'

test-slow: $(VENV)/.dev        ## those that crawl again and again (kills, replays), or store thousands of articles
	@$(PYTEST) -m slow

check: $(VENV)/.dev            ## format, lint, types, import floors
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev           ## put the code into shape
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

docs: $(VENV)/.base            ## write docs/commands.md anew, after a command or option has changed
	@$(BIN)/python -m docs.make_commands

bench: bench-start bench-extract bench-lemmas bench-ask bench-crawl bench-serve bench-survive bench-months ## all measurements; see bench/README.md

bench-start: $(VENV)/.dev      ## how long `nazair --help` takes
	@$(BIN)/python -m bench.start

bench-ask: $(VENV)/.bench       ## questions to 100,000 articles (needs NAZAIR_BENCH_DATA)
	@$(BIN)/python -m bench.ask

bench-crawl: $(VENV)/.bench $(VENV)/news-please/.installed  ## a crawl of 3,000 articles beside other programs (needs NAZAIR_BENCH_DATA and nginx)
	@$(BIN)/python -m bench.crawl

bench-serve: $(VENV)/.dev      ## pages and API of 100,000 articles under load (needs NAZAIR_BENCH_DATA)
	@$(BIN)/python -m bench.serve

bench-extract: $(VENV)/.bench  ## texts and metadata beside other extractors (needs NAZAIR_BENCH_DATA)
	@$(BIN)/python -m bench.extract

bench-lemmas: $(VENV)/.bench   ## which forms are one word, beside other lemmatisers (needs NAZAIR_BENCH_TREEBANK)
	@$(BIN)/python -m bench.lemmas

bench-survive: $(VENV)/.dev    ## kills, restarts, full disks while 600 pages are crawled, on both databases (ten minutes)
	@$(BIN)/python -m bench.survive

bench-months: $(VENV)/.dev     ## a month of crawls twice a day, in ten minutes: what is lost, doubled or read wrongly
	@$(BIN)/python -m bench.months

constraints: $(VENV)/.dev      ## pin anew what is installed; the file must hold no address
	@$(PIP) uv
	@$(BIN)/uv pip compile -q --universal --all-extras --no-header --no-annotate --no-emit-index-url --upgrade \
		pyproject.toml -o constraints.txt
	@! grep -n '://' constraints.txt

clean:                         ## remove what make made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "nazair needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another: make demo PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (once, about a minute) …"
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing with test tools into $(VENV) (once, about two minutes) …"
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.base

# The rivals and trafilatura spell an extra of lxml in two ways, which the pip of Python 3.11 takes for an error of its own.
$(VENV)/.bench: $(VENV)/.dev
	@echo "Installing what measurements compare with into $(VENV) (once) …"
	@$(PIP) 'pip>=24.1'
	@$(PIP) -e '.[dev,bench]'
	@touch $@

# It needs other versions of what nazair uses, and for Arabic an extra that it does not name.
$(VENV)/news-please/.installed: $(VENV)/bin/python
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip --disable-pip-version-check install -q news-please==1.6.16 'newspaper4k[nlp]==0.9.6'
	@touch $@
