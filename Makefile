# People and CI run the same commands.
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup check lint test demo film docs lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	$(PY) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "uv>=0.5"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

check: lint test

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup
	$(BIN)/python -m pytest --cov --cov-report=term

# Scores the example film and prints where everything is.
demo: setup
	mkdir -p demo
	$(BIN)/tonereel score examples/film.mp4 -o demo/film.mp4 --stems demo/stems --midi demo/film.mid \
		--report demo/film.report.json --picture demo/film.png --cues-out demo/film.cues.json
	$(BIN)/tonereel score --cue-sheet demo/film.cues.json examples/film.mp4 -o demo/film.wav

film: setup
	$(BIN)/python -m examples.make_film

docs: setup
	$(BIN)/python -m service.docs docs/cli.md

lock:
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes -o requirements.lock

clean:
	rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
