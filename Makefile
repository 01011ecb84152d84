# What a person types. Everything runs from .venv, which `setup` makes; nothing needs root or a running service.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Real PostgreSQL and Redis for the length of one command; they are left alone if they ran before.
WITH_SERVICES := $(PY) -m config.embedded with
PREPARE := $(PY) manage.py migrate --verbosity 0 && $(PY) manage.py load_sample

.PHONY: help setup setup-dev demo run test fuzz restarts waiting differential check bench stop clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

setup: ## make .venv with what running needs
	@.ci/setup local

setup-dev: ## make .venv with what tests and checks need as well
	@.ci/setup dev

demo: setup ## ask the sample questions, then serve the pages (ONCE=1 ends after the questions)
	@$(WITH_SERVICES) /bin/sh -c '$(PREPARE) && exec $(PY) -m config.demo $(if $(ONCE),--once)'

run: setup ## web, workers and scheduler together, on PORT or the first free port from 8000
	@$(WITH_SERVICES) /bin/sh -c '$(PREPARE) && exec $(PY) -m config.embedded run'

ARGS ?= -n 2 --dist worksteal --ignore tests/guards/test_api_fuzz.py
test: setup-dev ## every test but the fuzz, on two cores (ARGS="tests/config" to choose)
	@$(WITH_SERVICES) $(PY) -m pytest $(ARGS)

fuzz: setup-dev ## call every operation of the API with much that it allows and does not (SHORT=1: ten times each)
	@FUZZ_EXAMPLES=$(if $(SHORT),10,200) $(WITH_SERVICES) $(PY) -m pytest -n 2 tests/guards/test_api_fuzz.py

restarts: setup-dev ## hold one conversation twice, the second time with everything lost in between (SHORT=1: less often)
	@$(WITH_SERVICES) /bin/sh -c '$(PREPARE)'
	$(PY) -m tests.restarts $(if $(SHORT),--short)

waiting: setup-dev ## hundreds of questions wait for a model in one worker, which then has to end (SHORT=1: sixty)
	@$(WITH_SERVICES) /bin/sh -c '$(PREPARE) && exec $(PY) -m tests.waiting $(if $(SHORT),--short)'

differential: setup-dev ## thousands of generated statements on every engine (SUITE=folder for PostgreSQL's own suite)
	$(PY) -m tests.differential $(if $(SUITE),$(SUITE),--count $(if $(SHORT),2000,20000))

check: setup-dev ## lint, types, imports, migrations, production settings, container files
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache
	$(WITH_SERVICES) $(PY) manage.py makemigrations --check --dry-run
	PATH=".venv/bin:$$PATH" deploy/stand-in-environment python manage.py check --deploy --fail-level WARNING
	.ci/check-containers

bench: setup-dev ## the benchmarks (SHORT=1 for a quick look)
	@$(WITH_SERVICES) /bin/sh -c '$(PREPARE) && exec $(PY) -m bench $(if $(SHORT),--short)'

stop: ## stop the embedded PostgreSQL and Redis
	@$(PY) -m config.embedded stop

clean: ## remove the embedded services' data and every cache; .venv stays
	@$(PY) -m config.embedded remove
	rm -rf var staticfiles htmlcov .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
