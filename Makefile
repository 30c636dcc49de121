# Two commands to remember: `make ingest` and `make test`. Both set everything up first.
# They need Python >= 3.11 and make; uv is used where it is present.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
export DO_NOT_TRACK = 1

.PHONY: help setup ingest test test-slow test-duckdb2 check docs bench eval lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## Make .venv and install what requirements.lock pins

$(VENV)/.installed: requirements.lock pyproject.toml
ifneq ($(UV),)
	@test -x $(BIN)/python || uv venv --quiet --python '>=3.11' $(VENV)
	uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock
	uv pip install --quiet --python $(BIN)/python --no-deps -e .
else
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "NewsLedger needs Python 3.11 or newer; try: make PYTHON=python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (a minute or two, once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
endif
	@touch $@

ingest: setup ## Run the whole pipeline on the bundled newsroom
	@$(BIN)/newsledger ingest --source sample

test: check ## Check style and types, then run the tests
	@$(BIN)/pytest -n auto --dist loadfile

test-slow: setup ## Run the tests that start real servers and workers
	@$(BIN)/pytest -m slow

test-duckdb2: setup ## Run the tests on DuckDB 2, in an environment of its own
	@test -x .venv-duckdb2/bin/python || $(PYTHON) -m venv .venv-duckdb2
	@.venv-duckdb2/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		-r requirements.lock
	@.venv-duckdb2/bin/pip install --quiet --disable-pip-version-check --no-deps -e . 'duckdb>=2,<3'
	@.venv-duckdb2/bin/pytest -n auto --dist loadfile

check: setup ## Check formatting, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

docs: setup ## Write docs/data-dictionary.md and docs/queries.md anew
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && export NEWSLEDGER_HOME="$$home" && \
		$(BIN)/newsledger ingest --source sample && \
		$(BIN)/newsledger ingest --source sample && \
		$(BIN)/python -m warehouse.examples "$$home" > "$$home/queries.md" && \
		$(BIN)/python -m warehouse.dictionary > "$$home/data-dictionary.md" && \
		cp "$$home/queries.md" "$$home/data-dictionary.md" docs/

bench: setup ## Measure each step and the whole: tests/bench*.py
	@for bench in tests/bench*.py; do $(BIN)/python "$$bench" || exit 1; done

eval: setup ## Measure text, tags and stories on labelled articles
	@$(BIN)/python tests/eval.py

lock: setup ## Resolve requirements.lock anew from pyproject.toml
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv"; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --group dev pyproject.toml -o requirements.lock

clean: ## Remove .venv and caches; the data stays
	rm -rf $(VENV) .venv-duckdb2 .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
