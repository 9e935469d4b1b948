# CI calls these verbs too.
#   make serve           start a server from nothing
#   make demo            start a server with tenants and traffic, to see the dashboard live; Ctrl-C ends it
#   make test            run every test except those of engines and proof
#   make check           check style, types, layers, lengths of files, migrations, schema, deployment
#   make format          tidy the source
#   make engines         run the storage contract on PostgreSQL, Valkey, Sentinel, Cluster, and the hosted service
#   make proof           run the long tests
#   make soak            run the longest of them alone: 64 clients for a minute, every response checked
#   make bench           measure the service beside its peers
#   make bench-storage   measure the backends beside theirs
#   make dist            build and check the sdist and the wheel
#   make binary          build dist/stash, one executable that needs no Python, in a minute or two
#   make lock            write the image's locks anew
#   make audit           look up known vulnerabilities in the locks
#   make sbom            list the contents of the locks

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Resolves for the image's Python on every platform.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-annotate \
	--custom-compile-command "make lock"

# Complete settings of a hosted service for `check --deploy`, which connects to nothing.
HOSTED := STASH_MODE=hosted SECRET_KEY=$$(head -c 48 /dev/urandom | base64 -w0) ALLOWED_HOSTS=stash.example \
	DATABASE_URL=postgres://stash@localhost/stash REDIS_URL=redis://localhost:6379

.PHONY: serve demo test engines proof soak check format bench bench-storage dist binary lock audit sbom clean
.DELETE_ON_ERROR:

serve: $(VENV)/serves
	$(BIN)/stash serve $(ARGS)

demo: $(VENV)/serves
	$(BIN)/python -m demo $(ARGS)

test: $(VENV)/develops
	$(BIN)/pytest --numprocesses 4 --dist worksteal $(ARGS)

engines: $(VENV)/develops
	$(BIN)/pytest --numprocesses 4 --dist worksteal -m engines tests/contract $(ARGS)
	$(BIN)/pytest -m engines tests/promises tests/stack $(ARGS)

proof: $(VENV)/supplies binary
	$(BIN)/pytest -s tests/proof $(ARGS)

soak: $(VENV)/develops
	$(BIN)/pytest -s tests/proof/test_soak.py $(ARGS)

bench: $(VENV)/benches
	$(BIN)/python -m benchmarks.hot_path $(ARGS)

bench-storage: $(VENV)/benches
	$(BIN)/python -m benchmarks.storage
	$(BIN)/python -m benchmarks.library
	$(BIN)/python -m benchmarks.command_line

check: $(VENV)/develops
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_modules.py
	STASH_HOME=build/check $(BIN)/python manage.py makemigrations --check --dry-run
	STASH_HOME=build/check $(BIN)/python manage.py spectacular --validate --fail-on-warn --file build/check/openapi.yaml
	$(HOSTED) $(BIN)/python manage.py check --deploy --fail-level WARNING

dist: $(VENV)/develops
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dist]" --constraint requirements.txt
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(BIN)/twine check --strict dist/*

lock: $(VENV)/supplies
	$(LOCK) pyproject.toml --extra postgres --extra metrics --constraint requirements.txt \
		--constraint requirements-dev.txt --output-file requirements-image.txt
	$(LOCK) --group pyproject.toml:build --output-file requirements-build.txt

audit: $(VENV)/supplies
	$(BIN)/python deploy/audit.py

sbom: $(VENV)/supplies
	mkdir -p build
	$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements-image.txt --pyproject pyproject.toml --output-reproducible \
		--output-file build/sbom.json

# Runs in its own folder: PyInstaller's hook for Django would mistake this folder for an ordinary Django project.
binary: build/binary/environment/made
	cd build/binary && environment/bin/pyinstaller --noconfirm --log-level ERROR --workpath . --distpath ../../dist \
		../../binary/stash.spec

format: $(VENV)/develops
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/python: 
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Stash needs Python 3.11 or later; name one with make PYTHON=/path/to/python3." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/serves: $(VENV)/python pyproject.toml requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --editable . --constraint requirements.txt
	touch $@

$(VENV)/develops: $(VENV)/python pyproject.toml requirements.txt requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]" \
		--constraint requirements.txt --constraint requirements-dev.txt
	touch $@ $(VENV)/serves

$(VENV)/benches: $(VENV)/develops requirements-bench.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[bench]" \
		--constraint requirements.txt --constraint requirements-dev.txt --constraint requirements-bench.txt
	touch $@

$(VENV)/supplies: $(VENV)/develops requirements-supply.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[supply]" --constraint requirements.txt \
		--constraint requirements-dev.txt --constraint requirements-supply.txt
	touch $@

# A separate environment, because PyInstaller may pack any package beside the wheel.
build/binary/environment/made: pyproject.toml requirements.txt requirements-dev.txt requirements-binary.txt
	$(PYTHON) -m venv build/binary/environment
	build/binary/environment/bin/pip install --quiet --disable-pip-version-check --editable ".[metrics,binary]" \
		--constraint requirements.txt --constraint requirements-dev.txt --constraint requirements-binary.txt
	touch $@
