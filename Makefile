# Every target does its own set-up: Python 3.11 or later and make are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SOURCES := $(shell find src -name '*.py' -o -name '*.po' -o -name '*.json' -o -name '*.j2' 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/trailseal/locale/*/LC_MESSAGES/*.po))
# One more than CI has cores: a test of the lab waits now and then, and every worker collects all tests anew.
WORKERS ?= 3
# A worker begins with files of its own, so that what is started once a file is started once.
SPREAD := --dist worksteal
# Coverage makes a test three times as long: CI alone looks at it.
UNDER := $(if $(CI),-m coverage run)
# Times are told in UTC wherever the machine is: rooms that tell some are run in another zone too.
ELSEWHERE := Asia/Tokyo
ROOMS_WITH_TIMES := tests/unit/view tests/unit/run tests/unit/controls tests/unit/journal

.DEFAULT_GOAL := help
.PHONY: help demo quick test check lint types contracts docs catalogue bench witnesses pins clean nightly

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: $(VENV)/.installed ## play the whole switch on a lab
	$(BIN)/trailseal demo

quick: $(VENV)/.deps $(CATALOGUES) ## run the unit tests and the policy cases on the source, with no wheel
	PYTHONPATH=src $(BIN)/python -m pytest -q -n 2 $(SPREAD) $(or $(TESTS),tests/unit tests/cases)

test: $(VENV)/.installed witnesses ## run all tests against the built wheel
	$(BIN)/python -m coverage erase
	$(BIN)/python $(UNDER) -m pytest -n $(WORKERS) $(SPREAD) $(TESTS)
	$(if $(CI),$(BIN)/python tools/coverage_floor.py)
	TZ=$(ELSEWHERE) $(BIN)/python -m pytest -q -n $(WORKERS) $(SPREAD) $(ROOMS_WITH_TIMES)

check: $(VENV)/.installed lint types contracts catalogue docs ## lint, types, contracts, catalogue, docs

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell src tests docs tools bench *.md

types: $(VENV)/.installed
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini
	$(BIN)/basedpyright

contracts: $(VENV)/.installed
	PYTHONPATH=src $(BIN)/lint-imports

catalogue: $(VENV)/.installed
	$(BIN)/python tools/catalogue.py check

docs: $(VENV)/.installed
	$(BIN)/python tools/docs.py check
	$(BIN)/python tools/schemas.py check

bench: $(VENV)/.installed witnesses ## measure beside peers; ONLY=name for one
	@$(BIN)/python bench/run.py $(ONLY)

nightly: $(VENV)/.installed witnesses ## the long runs; PART=proof|fuzz SEED=1 MINUTES=45 goes on with one
	@$(BIN)/python tools/nightly.py --part "$(PART)" --seed "$(SEED)" --minutes "$(MINUTES)" --workers $(WORKERS) $(TESTS)

witnesses: $(VENV)/.uv ## install the outside witnesses, each in an environment of its own
	$(PYTHON) tools/witnesses.py install --uv $(UV)

pins: $(VENV)/.uv ## pin the requirement files again
	UV=$(abspath $(UV)) tools/pin.sh

clean: ## remove what the targets made
	rm -rf $(VENV) .venvs dist build node_modules .coverage* .cache

%.mo: %.po | $(VENV)/.deps
	$(BIN)/python tools/mo_files.py

$(VENV)/.uv: requirements/uv.txt
	$(PYTHON) -c 'import sys; sys.exit("trailseal needs Python 3.11 or later; say make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.deps: $(VENV)/.uv requirements/dev.txt
	$(UV) pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.installed: $(VENV)/.deps pyproject.toml hatch_build.py README.md $(SOURCES)
	rm -rf dist
	$(BIN)/hatchling build -t wheel
	$(UV) pip install -q --python $(BIN)/python --no-deps --force-reinstall --compile-bytecode dist/*.whl
	@touch $@
