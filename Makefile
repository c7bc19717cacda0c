# One command a deed; what runs before there is a Python stands in setup/, everything else in .venv/bin/guildhall.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
GUILDHALL := .venv/bin/guildhall
PYTHON := .venv/bin/python
# make test TIER=unit: one tier only.   make test ARGS='-x tests/acd': anything pytest understands.
# make test JOBS=1: one test at a time. A process a core: with one more, phones and recorders of the tests came late.
TIER ?=
ARGS ?=
JOBS ?= $(shell nproc)

.PHONY: help setup up down status call test check bench clean made-up

help: ## this list
	@echo "Guildhall: the telephone switchboard of a council contact centre"
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS=$$'\t' read -r name text; do \
		printf '  make %-8s %s\n' "$$name" "$$text"; done

setup: ## install and prepare everything, start nothing
	@setup/all.sh run

up: setup ## set up, start, and say which numbers to dial
	@$(GUILDHALL) up

down: made-up ## stop what `make up` started, and nothing else
	@$(GUILDHALL) down

status: made-up ## what runs, what is wrong, what to do
	@$(GUILDHALL) status

call: made-up ## place one demonstration call and tell its life
	@$(GUILDHALL) call

test: ## set up and run every test (TIER=unit for one tier, ARGS=… for pytest)
	@setup/all.sh test
	@$(PYTHON) -m pytest -p tests.tier_order -n $(JOBS) --dist loadfile --no-loadscope-reorder --durations=15 $(if $(TIER),-m $(TIER)) $(ARGS)

check: ## lint, format and types, of Python and shell; all of them, even when one fails
	@setup/all.sh check
	@result=0; \
	for tool in "$(PYTHON) -m ruff check ." "$(PYTHON) -m ruff format --check ." "$(PYTHON) -m mypy" \
		"shellcheck -x -P . setup/*.sh .ci/run"; do \
		echo "-- $$tool"; eval "$$tool" || result=1; \
	done; exit $$result

bench: ## set up and measure, beside the same Asterisk's own limit
	@setup/all.sh test
	@$(PYTHON) -m bench $(ARGS)

clean: ## remove what can be made again (CONFIRM=yes: recordings and var/ as well)
	@setup/clean.sh

made-up:
	@test -x $(GUILDHALL) || { echo "Guildhall is not set up here yet: run make up first" >&2; exit 1; }
