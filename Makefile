# Two jobs: `make report` and `make test`. Each sets up what it needs, once.
PYTHON ?= python3
VENV := .venv
LAB := .venv-lab
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
NODE := .cache/node
UV := $(shell command -v uv 2>/dev/null)

.PHONY: report test lint lab lock browser-tools clean

report: $(STAMP)  ## set up, then build the pack of the current quarter
	$(BIN)/python -m lbbd_jsna report

test: $(STAMP)  ## set up, then run every test this machine can, those of whole packs beside the others
	$(BIN)/ruff check lbbd_jsna tests benchmarks
	@mkdir -p .cache
	@$(BIN)/python -m pytest -m "not pack" > .cache/tests.log 2>&1 & others=$$!; \
	$(BIN)/python -m pytest -m pack; packs=$$?; \
	wait $$others; others=$$?; cat .cache/tests.log; test $$packs -eq 0 -a $$others -eq 0

lab: $(LAB)/.ready  ## JupyterLab, in an environment of its own so that the batch stays fast
	$(LAB)/bin/jupyter lab notebooks

# What the browser tests need beside Chromium and Java; without them those tests say they are skipped.
browser-tools: $(NODE)/.ready

$(NODE)/.ready:
	npm install --silent --no-fund --no-audit --prefix $(NODE) axe-core@4.14.1 vnu-jar@26.9.27
	touch $@

$(STAMP): requirements.lock pyproject.toml
	$(call install,$(VENV))
	touch $@

$(LAB)/.ready: requirements.lock pyproject.toml
	$(call install,$(LAB))
	$(if $(UV),$(UV) pip install --quiet --python $(LAB)/bin/python,$(LAB)/bin/python -m pip install --quiet) "jupyterlab>=4.5"
	touch $@

lock:  ## after editing pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra test --universal --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock

clean:
	rm -rf $(VENV) $(LAB) .cache .pytest_cache .ruff_cache

define install
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info < (3, 14); sys.exit(0 if ok else "Python 3.11 to 3.13 is needed; this is %s. Say which with: make PYTHON=python3.11" % sys.version.split()[0])'
	@echo "Setting up $(1) (once, about a minute)"
	$(if $(UV),$(UV) venv --quiet --clear --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(1),$(PYTHON) -m venv --clear $(1))
	$(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python --compile-bytecode,$(1)/bin/python -m pip install --quiet --disable-pip-version-check) --require-hashes -r requirements.lock
	$(if $(UV),$(UV) pip install --quiet --python $(1)/bin/python,$(1)/bin/python -m pip install --quiet --disable-pip-version-check) --no-deps --no-build-isolation --editable .
endef
