# The commands of this project. `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
HOST = 127.0.0.1
PORT ?= 8000
WORKERS ?= 2
export HOST PORT WORKERS

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

run: .venv/installed .env ## set everything up and serve on http://127.0.0.1:8000 (PORT=, WORKERS=)
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) prepare
	@exec $(MANAGE) serve

demo: .venv/installed .env ## a scripted mobile client against the running server (URL=)
	@$(BIN)/python -m examples.mobile_client.demo

demo-sso: .venv/installed-dev ## two web applications and a service that share one sign-in, beside a Signet of their own
	@exec $(BIN)/python -m examples.sso.demo var/demo-sso 8100

test: .venv/installed-dev ## SQLite, what races on PostgreSQL, real servers, a browser (SLOW=1: kills, storms, proxies too)
	@$(BIN)/python -m tests.run

check: .venv/installed-dev ## lint, types, import contracts, migrations, OpenAPI, deployment checks
	@$(BIN)/python -m tests.check

bench: .venv/installed-dev ## ratios against the usual alternatives, measured side by side
	@benchmarks/setup.sh
	@.venv-bench/bin/python benchmarks/run.py $(if $(QUICK),--quick)

faults: .venv/installed-dev ## 20,000 refreshes through a network that loses, delays, doubles and reorders
	@$(BIN)/python -m tests.faults

mutants: .venv/installed-dev ## break one guarding line at a time, on both databases, and demand a red test
	@$(BIN)/python -m tests.mutants.run --postgres

messages: .venv/installed-dev ## collect what people read into locale/, and compile the translations
	@$(BIN)/python -m project.catalogue

pins: .venv/installed-dev ## resolve requirements*.in into the hashed requirements*.txt
	@$(BIN)/python -m pip install --quiet uv==0.13.9
	@for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
			--no-emit-index-url --no-header $$name.in -o $$name.txt; done

clean: ## remove the environments and what they made; .env and the database stay
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and its venv module (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing hashed requirements"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing hashed development requirements"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.env:
	@$(BIN)/python project/fresh_environment.py .env
	@echo "Wrote .env with fresh secrets"

.PHONY: help run demo demo-sso test check bench faults mutants messages pins clean
