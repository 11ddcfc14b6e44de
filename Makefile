# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The sealed.s3 authors

# You need python3, git and make. Everything else is installed into .venv, .nox and .cache.
# The checks are sessions of nox: noxfile.py and antsibull-nox.toml.

PYTHON ?= python3
PORT ?= 5000

.DEFAULT_GOAL := help

# `make soak PART…`: the goals after the first are parts, not targets.
ifeq (soak,$(firstword $(MAKECMDGOALS)))
PARTS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
.PHONY: soak $(PARTS)

soak: ## the long tests, by parts: make soak lists them, make soak stores runs one, SEED=… repeats a run
	@$(PYTHON) scripts/soak.py $(PARTS)

$(PARTS): soak ; @:
else
.PHONY: help test quick demo examples lab bench pictures format lock clean

help: ## this list
	@echo 'make …'
	@sed -nE 's/^([a-z]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '  %-10s%s\n' "$$name" "$$text"; done
	@echo; echo 'make NAME runs one session of `nox -l`, for example: make contract ARGS="-k copies"'

test: ## all checks and all tests
	@$(PYTHON) scripts/run_sessions.py

quick: ## the checks that take a minute: lint, types, documentation, unit tests
	@$(PYTHON) scripts/run_sessions.py formatters codeqa yamllint typing typing-tools docs-check license-check extra-checks generated changelog units

examples: ## the playbooks of examples/, against a lab
	@$(PYTHON) scripts/run_sessions.py examples

demo: ## the demo of all modules, against a fresh lab
	@$(PYTHON) scripts/run_sessions.py demo

lab: ## the lab in the foreground: make lab PORT=5000
	@$(PYTHON) scripts/lab.py --port $(PORT)

bench: ## compare the speed with other tools: make bench FULL=1 for all sizes, OF=keys for keys, OF=accounts for accounts, OF=start for one small task
	@$(PYTHON) benchmarks/$(or $(OF),bench).py $(if $(FULL),--full) $(ARGS)

pictures: ## write the pictures of the documentation again, from real runs
	@scripts/with-lab python scripts/pictures.py

format: ## format the Python files, and repair what ruff can
	@$(PYTHON) scripts/environments.py format

lock: ## update the tools to their newest versions: scripts/requirements.in to scripts/requirements.txt
	@$(PYTHON) scripts/environments.py lock
	@$(PYTHON) scripts/pre_commit_pins.py

clean: ## remove all environments, caches and outputs
	rm -rf .venv .nox .cache tests/output

# A session, also if a folder has its name, as `docs` and `tests` would.
%: .FORCE
	@$(PYTHON) scripts/run_sessions.py $@

.FORCE Makefile: ;
endif
