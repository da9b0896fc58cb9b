# Every target does its own set-up: Python 3.11 or later and make are enough.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SOURCES := $(shell find src -name '*.py' -o -name '*.po' -o -name '*.json' -o -name '*.j2' 2>/dev/null) $(shell find docs -name '*.md')
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/trailseal/locale/*/LC_MESSAGES/*.po))
# One more than CI has cores: a test of the lab waits now and then, and every worker collects all tests anew.
WORKERS ?= 3
# A worker begins with files of its own, so that what is started once a file is started once.
SPREAD := --dist worksteal
# Coverage makes a test three times as long: CI alone looks at it, and at the tests of the rooms that decide.
ALL_BUT = $(addprefix --ignore=,$(shell $(PYTHON) tools/coverage_floor.py tests))
# Times are told in UTC wherever the machine is: rooms that tell some are run in another zone too.
ELSEWHERE := Asia/Tokyo
ROOMS_WITH_TIMES := tests/unit/view tests/unit/run tests/unit/controls tests/unit/journal

# What was compiled is kept: else every worker and every command that a test starts compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo quick test check lint types mypy mypy-of-tests basedpyright contracts catalogue pages docs bench witnesses peers pins clean nightly

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: $(VENV)/.installed ## play the whole switch on a lab
	$(BIN)/trailseal demo

quick: $(VENV)/.deps $(CATALOGUES) ## run unit tests and policy cases on the source: no wheel, no sweep
	PYTHONPATH=src $(BIN)/python -m pytest -q -n 2 $(SPREAD) $(or $(TESTS),-m "not sweep" tests/unit tests/cases)

test: $(VENV)/.installed witnesses ## run all tests against the built wheel
ifdef CI
	$(BIN)/python tools/coverage_floor.py measure -n $(WORKERS) $(SPREAD)
endif
	$(BIN)/python -m pytest -n $(WORKERS) $(SPREAD) $(if $(CI),$(ALL_BUT),$(TESTS))
	TZ=$(ELSEWHERE) $(BIN)/python -m pytest -q -n $(WORKERS) $(SPREAD) $(ROOMS_WITH_TIMES)

check: $(VENV)/.installed lint types contracts catalogue pages ## lint, types, contracts, catalogue, generated pages

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell src tests docs tools bench *.md

types: mypy mypy-of-tests basedpyright

mypy: $(VENV)/.installed
	$(BIN)/mypy

mypy-of-tests: $(VENV)/.installed
	$(BIN)/mypy --config-file tests/mypy.ini

basedpyright: $(VENV)/.installed
	$(BIN)/basedpyright

contracts: $(VENV)/.installed
	PYTHONPATH=src $(BIN)/lint-imports

catalogue: $(VENV)/.installed
	$(BIN)/python tools/catalogue.py check

pages: $(VENV)/.installed
	$(BIN)/python tools/docs.py check
	$(BIN)/python tools/schemas.py check

docs: $(VENV)/.deps ## build the documentation as a site, in build/site
	$(BIN)/python tools/pictures.py check
	$(PYTHON) tools/witnesses.py install site --uv $(UV)
	.venvs/site/bin/python tools/site_pages.py

bench: $(VENV)/.installed witnesses ## measure beside peers; ONLY=name for one
	@$(BIN)/python bench/run.py $(ONLY)

nightly: $(VENV)/.installed witnesses $(if $(filter peers,$(PART)),peers) ## the long runs; PART=proof|fuzz|faults|looks|validate|peers SEED=1 MINUTES=45 goes on with one
	@$(BIN)/python tools/nightly.py --part "$(PART)" --seed "$(SEED)" --minutes "$(MINUTES)" --workers $(WORKERS) $(TESTS)

witnesses: $(VENV)/.uv ## install the outside witnesses, each in an environment of its own
	$(PYTHON) tools/witnesses.py install --uv $(UV)

peers: $(VENV)/.uv
	$(PYTHON) tools/witnesses.py install --uv $(UV) prowler scoutsuite

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
