# Everything a developer needs. A fresh machine has Python 3.11, git and make; the rest is installed into .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
DEMO_TASK := Should sessions live in files or in a database?
DEMO_PAPER := docs/adr/0002-sessions-in-files-twins-in-a-database.md

.PHONY: help demo test lint types layers unit format docs bench lock clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(RUNTIME) ## a debate about a real document and a twin's look at this repository, offline, in a throwaway home
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && export COWORK_HOME="$$home" && \
		$(BIN)/cowork loop start "$(DEMO_TASK)" --pattern debate --context $(DEMO_PAPER) --provider rehearsal && \
		$(BIN)/cowork twin activate software-engineer && $(BIN)/cowork twin beat --all --no-model

test: lint types layers unit ## lint, types, layers and all tests: what CI runs

lint: $(DEV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV)
	$(BIN)/mypy

layers: $(DEV)
	$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

unit: $(DEV)
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2

format: $(DEV) ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(DEV) ## write docs/cli.md, docs/events.md and the transcripts anew from the program
	$(BIN)/python -m tests.tools.cli_page > docs/cli.md
	$(BIN)/python -m tests.tools.events_page > docs/events.md
	$(BIN)/python -m tests.tools.transcripts README.md docs/debate.md docs/patterns.md docs/providers.md docs/packs.md docs/admin-policies.md docs/agents.md \
		docs/tasks.md docs/loop-walk.md docs/testing-loops.md docs/twin-day.md

bench: $(DEV) ## start-up, listings and installing as ratios; components, rules, hooks; memory under gigabytes; the patterns over HTTP; evidence
	$(BIN)/python -m tests.bench.startup
	$(BIN)/python -m tests.bench.packs
	$(BIN)/python -m tests.bench.install
	$(BIN)/python -m tests.bench.components
	$(BIN)/python -m tests.bench.rules
	$(BIN)/python -m tests.bench.hooks
	$(BIN)/python -m tests.bench.floods
	$(BIN)/python -m tests.bench.streams
	$(BIN)/python -m tests.bench.patterns
	$(BIN)/python -m tests.bench.loops
	$(BIN)/python -m tests.bench.evidence
	$(BIN)/python -m tests.bench.twins

lock: $(DEV) ## write constraints.txt anew from what is installed
	@{ sed -n '/^#/p' constraints.txt; $(PIP) freeze --all --exclude-editable | grep '==' | sort -f; } > .constraints.new
	@mv .constraints.new constraints.txt

clean: ## remove what make made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): $(BIN)/python pyproject.toml constraints.txt
	$(PIP) install -q -c constraints.txt --upgrade pip hatchling editables
	$(PIP) install -q -c constraints.txt --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME)
	$(PIP) install -q -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@
