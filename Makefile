# The one menu, for people and for CI. Every target sets up what it needs: `make demo` or
# `make test` is all that a fresh machine is told. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPILE := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --custom-compile-command 'make lock' --quiet
# protoc finds mypy-protobuf's plugins by PATH.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1
# A demo and the tests start dozens of processes; none compiles again what another has compiled.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check bench soak mutants protos lock clean

help: ## list the targets
	@sed -nE 's/^([a-z]+):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | \
	  while IFS=$$'\t' read -r name about; do printf '  make %-7s  %s\n' "$$name" "$$about"; done

demo: $(READY) ## six cities and a hub on this machine: list, exchange, repair (ARGS='--once' ends by itself)
	$(BIN)/huxin demo $(ARGS)

test: $(READY) ## all tests (ARGS='-k merkle' and the like go to pytest)
	TMPDIR=$$(.ci/scratch) $(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

check: $(READY) ## format, lint, types, import contracts, generated code, no addresses
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python protos/generate.py --check
	.ci/addresses

bench: $(READY) ## measure (NAME=replicate; results in bench/results)
	$(BIN)/python bench/run.py $(NAME)

soak: $(READY) ## run with fresh seeds for an hour or SECONDS (NAME=simulation; results in soak/results)
	$(BIN)/python soak/run.py $(NAME)

mutants: $(READY) ## switch each numbered rule off in turn; names the test that fails (minutes)
	$(BIN)/python tests/mutants.py $(ARGS)

protos: $(READY) ## generate protos/gen from the specification
	$(BIN)/python protos/generate.py

lock: $(READY) ## write the two lock files from pyproject.toml (ARGS='--upgrade' for newer versions)
	$(BIN)/uv pip compile pyproject.toml --extra otel --group dev $(COMPILE) --output-file requirements.lock $(ARGS)
	$(BIN)/uv pip compile pyproject.toml --extra otel -c requirements.lock $(COMPILE) \
	  --output-file deploy/wheelhouse/requirements.lock
	$(BIN)/python deploy/wheelhouse/bill.py

clean: ## remove what was built, and the caches; nothing of a node
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment: the lock with its hashes, then this checkout on top, so that an edit counts at
# once. Made anew whenever either file changes.
$(READY): requirements.lock pyproject.toml
	@python=; for name in python3.11 python3; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'huxin needs Python 3.11 or newer, as python3.11 or python3; Debian: apt-get install python3.11 python3.11-venv' >&2; \
	  exit 1; \
	fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make environments here; Debian: apt-get install $$($$python -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" >&2; \
	  exit 1; \
	fi; \
	echo "$(VENV): setting up with $$($$python --version) (some minutes the first time)"; \
	$$python -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
