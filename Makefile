# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= $(shell for v in 3.13 3.12 3.11; do command -v python$$v >/dev/null 2>&1 && python$$v -c '' 2>/dev/null && { echo python$$v; exit; }; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
READY_DEV := $(VENV)/ready-dev
WORKERS ?= 4

.PHONY: demo test lint format bench kafka kafka-stop faults mutations lock clean

demo: $(READY)
	$(BIN)/qinwu demo

# Hundreds of processes start: let them find what the first of them has compiled. Longest first.
test: $(READY_DEV)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup \
	  --no-loadscope-reorder

lint: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Each program prints its ratios (the other files are what they share); faults.py kills processes
# and has a target of its own.
PROGRAMS = $(filter-out benchmarks/faults.py,$(shell grep -l __main__ benchmarks/*.py))
bench: $(READY_DEV)
	@failed=0; for file in $(PROGRAMS); do \
	  echo "== $$file"; $(BIN)/python $$file || failed=1; done; exit $$failed

kafka: $(READY)
	@$(BIN)/python deploy/kafka/broker.py start

kafka-stop: $(READY)
	@$(BIN)/python deploy/kafka/broker.py stop

faults: $(READY_DEV)
	$(BIN)/python benchmarks/faults.py --engine sqlite --kills 20 --seed 1
	$(BIN)/python benchmarks/faults.py --engine kafka --kills 20 --seed 1

mutations: $(READY_DEV)
	QINWU_MUTATIONS=10000 $(BIN)/python -m pytest tests/test_mutations.py -q

# Hashes of every wheel of each version, and no address to download from.
lock:
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra build --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

$(VENV)/made:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(READY): requirements.lock pyproject.toml | $(VENV)/made
	@echo "setting up $(VENV) (some minutes, once)"
	@$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(READY_DEV): requirements-dev.lock $(READY)
	@$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .kafka build *.egg-info
