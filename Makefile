# `make` lists the targets. Everything they need goes into .venv, at the versions of constraints.txt.

VENV := .venv
BIN := $(VENV)/bin
INPUTS := pyproject.toml constraints.txt
CANDIDATES := python3.11 python3.12 python3.13 python3.14 python3 python
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$p; break; }; done)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
PYTEST := $(BIN)/pytest
TESTS ?= tests
# more than there are cores: most tests wait most of the time
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help run test check agents coverage snapshots bench soak mutants constraints clean

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 20

run: $(VENV)/.ready-run ## set everything up and open the demo
	@$(BIN)/tasktui demo

test: $(VENV)/.ready-dev ## set everything up and run every test
	$(BIN)/python -m tests.second_try -n $(WORKERS) --dist loadgroup --durations 25 --durations-min 5 $(TESTS)

check: $(VENV)/.ready-dev ## format, lint, types, import contracts, size and text walls, a test for every behaviour
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.packaging.walls
	$(BIN)/python -m tests.packaging.features

coverage: $(VENV)/.ready-dev ## branch coverage: domain 100, manager 95, the rest 85
	$(BIN)/coverage erase
	@# it loads modules and takes time: tests that look at those fail under it, and `make test` has the say
	-$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --include 'tasktui/domain/*' --fail-under 100
	$(BIN)/coverage report --skip-covered --include 'tasktui/manager/*' --fail-under 95
	$(BIN)/coverage report --skip-covered --omit 'tasktui/domain/*,tasktui/manager/*' --fail-under 85

snapshots: $(VENV)/.ready-dev ## draw the pictures in snapshots/ anew
	$(PYTEST) -n $(WORKERS) --dist loadgroup --snapshot-update tests/ui

bench: $(VENV)/.ready-dev ## measure every budget and write bench/RESULTS.md
	$(BIN)/python -m bench

agents: $(VENV)/.ready-dev ## install the real coding agents that tests talk to, and Node.js where there is none
	@bash tests/real_agents/install

soak: $(VENV)/.ready-dev ## the long runs
	@bash tests/real_agents/install more
	$(PYTEST) -m soak --timeout 3600 tests

mutants: $(VENV)/.ready-dev ## take each guard away and see its test go red
	$(BIN)/python -m tests.faults.mutants

constraints: $(VENV)/.ready-dev ## choose new versions for constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --all-extras --universal --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file constraints.txt

clean: ## remove what the other targets made
	rm -rf $(VENV) build dist htmlcov .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# pip arrives last in a new environment, so one that broke half-way is made again
$(BIN)/pip:
	@test -n "$(PYTHON)" || { \
		echo "tasktui needs Python 3.11 or newer and found none. Install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. Install its venv package (on Debian: apt-get install python3-venv) and run make again." >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/.ready-run: $(INPUTS) | $(BIN)/pip
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.ready-dev: $(INPUTS) | $(BIN)/pip
	@$(INSTALL) --editable '.[dev]'
	@touch $(VENV)/.ready-run $@
