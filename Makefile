# Everything a person needs on a machine with Python >= 3.11, make and git. `make help` lists it.
# PORT=4000 make run moves all addresses; PYTHON=/path/to/python3.12 chooses the interpreter.

PORT ?= 3000
# The system's own Python first: it is built with profile-guided optimisation, and runs the tests 1.4
# times as fast as one that a version manager compiled with its defaults.
PYTHON ?= $(shell for p in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; \
	done || true)
BIN := .venv/bin
ARGS ?=

export PORT
unexport PYTHONDONTWRITEBYTECODE # a run starts dozens of processes, which share compiled modules

.PHONY: help run dev test fuzz test-fast test-ui check fix bench wheel lock setup setup-dev clean python

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 - /p' $(MAKEFILE_LIST)

run: setup ## install what is missing and start everything (Ctrl-C stops it)
	@exec $(BIN)/coursebook run

dev: setup ## the same for developing the pages: builds what is edited, reloads open tabs
	@exec $(BIN)/coursebook run --reload

test: python ## all tests: unit, integration, contract, browser (installs Chromium, PostgreSQL, Redis if missing)
	@$(PYTHON) tools/system_packages.py --beside & \
	$(PYTHON) tools/setup_venv.py --dev; code=$$?; wait; exit $$code
	@$(BIN)/python tools/system_packages.py
	@exec $(BIN)/python -m pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder --durations=40 $(ARGS)

fuzz: setup-dev ## random orders of steps and faults, 50 times as many as in `make test` (an hour)
	@exec $(BIN)/python -m pytest tests/fuzz/test_stateful.py tests/fuzz/test_money_by_hand.py \
		--fuzz-scale=50 --numprocesses=2 --dist=loadfile $(ARGS)

test-fast: setup-dev ## unit tests only: no browser, no servers, under 30 seconds
	@exec $(BIN)/python -m pytest tests/unit $(ARGS)

test-ui: setup-dev ## states, pages and texts without a browser, in under a minute
	@exec $(BIN)/python -m pytest tests/ui --numprocesses=2 $(ARGS)

check: setup-dev ## format, lint, types, import rules
	@failed=0; \
	for tool in "ruff format --check ." "ruff check ." "mypy" "lint-imports"; do \
		echo "$$tool"; $(BIN)/$$tool || failed=1; \
	done; exit $$failed

fix: setup-dev ## format the code, and mend what the linter can
	@$(BIN)/ruff format --quiet . && exec $(BIN)/ruff check --fix-only --quiet .

bench: setup-dev ## measure speed, as ratios within one run
	@exec $(BIN)/python -m tests.bench

wheel: setup-dev ## build the package into dist/, with the pages of the plain product
	@exec $(BIN)/python tools/build_wheel.py

lock: ## pin the dependencies of pyproject.toml again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
		--quiet --no-header pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
		--quiet --no-header --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(PYTHON) tools/pin_extras.py requirements.lock requirements-dev.lock

setup: python
	@$(PYTHON) tools/setup_venv.py

setup-dev: python
	@$(PYTHON) tools/setup_venv.py --dev

python:
	@test -n "$(PYTHON)" || { echo "coursebook needs Python 3.11 or newer, and none was found. Install it" \
		"(Debian, Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }

clean: ## remove what was built and installed (keeps your data in .coursebook)
	rm -rf .venv .web .web-* .reflex build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
