# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

# You need python3, git and make. Everything else is installed into .venv and .cache.
# The checks, and the commands that each of them runs, are in scripts/check.py.

PYTHON ?= python3
PORT ?= 5000
CHECK := $(PYTHON) scripts/check.py
CHECKS := $(shell $(CHECK) --names)

.DEFAULT_GOAL := help

# `make soak PART…`: the goals after the first are parts, not targets.
ifeq (soak,$(firstword $(MAKECMDGOALS)))
PARTS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
.PHONY: soak $(PARTS)

soak: ## the long tests, by parts: make soak lists them, make soak stores runs one, SEED=… repeats a run
	@$(PYTHON) scripts/soak.py $(PARTS)

$(PARTS): soak ; @:
else
.PHONY: help test quick demo lab bench lint docs lock clean $(CHECKS)

help: ## this list
	@echo 'make …'
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  %-17s%s\n' "$$name" "$$text"; done
	@echo; echo 'one check of `make test`, with V=1 for all its output and ARGS="…" for pytest or ansible-test:'
	@$(CHECK) --list

test: ## all checks and all tests
	@$(CHECK)

quick: ## the checks that need no ansible-test: lint, types, docs, and the tests in plain pytest
	@$(CHECK) lint types docs quick

demo: ## the demo of all modules, against a fresh lab
	@scripts/with-lab demo/run

lab: ## the lab in the foreground: make lab PORT=5000
	@$(PYTHON) scripts/lab.py --port $(PORT)

bench: ## compare the speed with other tools: make bench FULL=1 for all sizes, make bench OF=keys for keys
	@$(PYTHON) benchmarks/$(or $(OF),bench).py $(if $(FULL),--full) $(ARGS)

lint: ## ruff, yamllint, ansible-lint and the rules of this repository
	@$(CHECK) lint

docs: ## the documentation, the changelog, the licences and the tarball
	@$(CHECK) docs

coverage: ## run pytest and contract, and print the lines and branches of plugins/ that they do not run
	@$(CHECK) coverage; status=$$?; cat .cache/coverage/report.txt; exit $$status

lock: ## update the tools to their newest versions: scripts/requirements.in to scripts/requirements.txt
	@$(PYTHON) scripts/environments.py lock

clean: ## remove all environments, caches and outputs
	rm -rf .venv .cache tests/output

$(filter-out coverage,$(CHECKS)):
	@$(CHECK) $@
endif
