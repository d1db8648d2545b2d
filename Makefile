# make reports   every learning session, the reports of the first two teams of each, and the impact report over all,
#                under outputs/
# make test      the tests (browser tests need Chromium: QITOOLS_CHROMIUM, PATH or playwright's own)
# make soak      the slow and exhaustive tests; many wait for a cluster or a server, so four at once
# make cluster   those of them that start a Dask cluster on this machine, and break it
# make lint      style, types, and the floors of the house
#
# PYTHON=python3.13 make …   chooses the Python (3.11 or newer) that .venv is made with.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One thread for each process's linear algebra: processes run side by side, and every core has one.
export OPENBLAS_NUM_THREADS ?= 1
# Tests run side by side, a file at a time, and one more at once than most machines have cores: browsers and kernels wait.
SPREAD := --numprocesses 3 --dist loadfile

.PHONY: reports test soak cluster lint

reports: $(READY)
	$(BIN)/qitools run --first-teams 2
	$(BIN)/qitools run --notebook impact_report --across '*'

test: $(READY)
	$(BIN)/python -m pytest -m "not soak" $(SPREAD) $(PYTEST)

soak: $(READY)
	$(BIN)/python -m pytest -m soak $(SPREAD) --numprocesses 4 --no-loadscope-reorder $(PYTEST)

cluster: $(READY)
	$(BIN)/python -m pytest -m cluster $(PYTEST)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "qitools needs Python 3.11 or newer, and $(PYTHON) is older: make PYTHON=python3.12 …"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $(READY)
