# Tierwise. `make app` runs it, `make test` checks it; both start from a bare checkout and are quick the second time.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8501
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes

# $(call apt,condition,packages): installs Debian packages when the condition fails; without root it says how.
define apt
@{ $(1); } >/dev/null 2>&1 || { \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(2); \
	else \
		echo "Please run first:  sudo apt-get install -y --no-install-recommends $(2)" >&2; exit 2; \
	fi; }
endef

.PHONY: app test browser office lint bars bench lock screenshots samples clean help

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

app: .venv/.app  ## install what is needed and serve on http://127.0.0.1:8501
	@$(BIN)/python -m analytics demo --if-empty
	$(BIN)/streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

test: browser office lint  ## install what tests need and run them all
	$(BIN)/pytest -m "not bars" -n auto --dist loadfile

browser:
	$(call apt,command -v chromium && [ -n "$$(fc-list :lang=zh-cn)" ],chromium fontconfig fonts-noto-cjk)

office:
	$(call apt,command -v soffice,libreoffice-calc-nogui)

lint: .venv/.test  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bars: office .venv/.test  ## the acceptance bars in full, slow
	$(BIN)/pytest -m bars -rP

bench: .venv/.test  ## measure import, marts and page queries against DuckDB, pandas and polars, into docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks $(BENCH)

lock: .venv/.test  ## compile requirements*.in into hashed requirements*.txt
	$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--constraints requirements.txt requirements-dev.in -o requirements-dev.txt

screenshots: browser .venv/.test  ## redraw the pictures of README and the user guide
	$(BIN)/python docs/screenshots.py

samples: .venv/.app  ## write data/samples again
	$(BIN)/python data/make_samples.py

clean:  ## remove the environment and caches; data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(call apt,$(PYTHON) -c "import ensurepip",python3-venv)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' || { echo "Python 3.11 or 3.12 is needed" >&2; exit 2; }
	$(PYTHON) -m venv .venv

.venv/.app: requirements.txt | .venv/bin/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/.test: requirements-dev.txt requirements-data.txt | .venv/bin/python
	$(PIP) -r requirements-dev.txt
	$(PIP) --no-deps -r requirements-data.txt
	@touch $@
