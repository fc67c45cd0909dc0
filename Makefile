# `make demo` shows Liftwright, `make test` proves it, `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
BENCHES := $(patsubst bench/%.py,%,$(filter-out bench/__init__.py,$(wildcard bench/*.py)))
COMPILE := $(BIN)/pip-compile --quiet --allow-unsafe --annotation-style=line --strip-extras \
	--no-emit-find-links --no-emit-index-url --no-emit-options --no-emit-trusted-host

.DEFAULT_GOAL := help
.PHONY: help install demo dev test check bench proof lock messages

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

install: .venv/installed $(MESSAGES) ## create .venv with the pinned packages and compile the translations

demo: install ## start everything with the demo shop; PORT, LIFTWRIGHT_DATA and DEMO=full|small are honoured
	@exec $(BIN)/python manage.py up --demo

dev: install ## the same, and programs restart when their source changes
	@TRACEBACKS=on exec $(BIN)/python manage.py up --demo --reload

test: chromium check ## every check and every test, as CI runs it
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	DEBUG=off SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(40))')" \
		ALLOWED_HOSTS=example.com $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: install .venv/tools ## the fast part: format, lint, types, arrows, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djangofmt --check templates

.PHONY: chromium
chromium: .venv/tools
	@$(BIN)/python -m tests.chromium

bench: install ## measure, into bench/results/<name>.json
	@mkdir -p bench/results
	@set -e; for name in $(BENCHES); do echo "bench.$$name"; \
		$(BIN)/python -m bench.$$name --json > bench/results/$$name.json; done

proof: install .venv/tools .venv/proof ## the long proofs at full size
	$(BIN)/python -m pytest -m proof

lock: .venv/tools ## compile requirements*.txt from requirements*.in
	$(COMPILE) --output-file=requirements.txt requirements.in
	@# Any build of this torch will do, the CPU's or CUDA's; the latter brings the packages that it was built for.
	sed -i -e 's/^\(torch==[0-9.]*\)+[a-z0-9]*/\1/' -e '/^\(cuda\|nvidia\|triton\)[-=]/d' requirements.txt
	$(COMPILE) --output-file=requirements-dev.txt requirements-dev.in
	$(COMPILE) --output-file=requirements-proof.txt requirements-proof.in

messages: install ## collect the texts to translate into locale/*/LC_MESSAGES/django.po
	$(BIN)/python -m marketing_site.messages

.venv/bin/pip:  # the last file that venv writes
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or later, for example with" \
		"'sudo apt-get install python3 python3-venv'." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old:" \
		"Python 3.11 or later is needed; name one with PYTHON=/path/to/python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it," \
		"for example with 'sudo apt-get install python3-venv'." >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt requirements-demo.txt | .venv/bin/pip
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -r requirements-demo.txt
	@touch $@

.venv/tools: requirements-dev.txt .venv/installed
	$(PIP) -r requirements-dev.txt
	@touch $@

.venv/proof: requirements-proof.txt .venv/installed
	$(PIP) -r requirements-proof.txt
	@touch $@

%.mo: %.po .venv/installed
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@
