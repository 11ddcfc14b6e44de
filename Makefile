# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

# The only thing to have is python3, git and make: the rest is prepared in .venv and .cache.
# The checks, with what each runs, are in scripts/check.py.

PYTHON ?= python3
PORT ?= 5000
CHECK := $(PYTHON) scripts/check.py
CHECKS := $(shell $(CHECK) --names)

.PHONY: help test quick demo lab bench lint matrix lock clean $(CHECKS)
.DEFAULT_GOAL := help

help: ## this list
	@echo 'make …'
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  %-16s%s\n' "$$name" "$$text"; done
	@echo; echo 'one check of `make test`, with V=1 for all its output and ARGS="…" for pytest or ansible-test:'
	@$(CHECK) --list

test: ## all checks and all tests
	@$(CHECK)

quick: ## the checks that take seconds: lint, types, papers, and the tests in plain pytest
	@$(CHECK) lint types papers quick

demo: ## the walk through all modules, against a fresh lab
	@scripts/with-lab demo/run

lab: ## the lab in the foreground: make lab PORT=5000
	@$(PYTHON) scripts/lab.py --port $(PORT)

bench: ## how fast, beside other tools: make bench FULL=1 for all of it, make bench OF=keys for keys
	@$(PYTHON) benchmarks/$(or $(OF),bench).py $(if $(FULL),--full) $(ARGS)

lint: ## ruff, yamllint, ansible-lint and the rules of the house
	@$(CHECK) lint

matrix: ## ansible-test with every ansible-core that is supported, on the Pythons that are here
	@red=0; for core in 2.17 2.18 2.19 2.20 2.21; do echo "ansible-core $$core"; CORE=$$core $(CHECK) ansible-test || red=1; echo; done; exit $$red

lock: ## choose the newest tools again: scripts/requirements.in to scripts/requirements.txt
	@$(PYTHON) scripts/workshop.py lock

clean: ## remove everything that was prepared
	rm -rf .venv .cache tests/output

$(CHECKS):
	@$(CHECK) $@
