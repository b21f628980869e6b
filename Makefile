# Every target makes what it needs: Python 3.11 or newer (with venv) and make are all that must be there.
# For Kafka, Java and Maven as well.
.DEFAULT_GOAL := help
BIN := .venv/bin

# Public data sets; no part of the project.
MIMAMORI_EXTERNAL_DATA ?= ../shared/data

# Of `make chaos`; CHAOS_ARGS: `python -m infra.chaos.main --help` lists them.
CHAOS_EVENTS ?= 100000

export UV_SYSTEM_CERTS := 1
export UV_COMPILE_BYTECODE := 1
# Without compiled modules each of Airflow's processes compiles all it imports, every time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help venv demo demo-stop console kafka kafka-stop kafka-lock test test-unit chaos check check-external fix bench schemas lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: ## Build .venv from requirements.lock (nothing to do when it is current)
	@infra/bootstrap.sh

demo: venv ## Run a synthetic city from feed files to council report, and leave the console up
	@infra/demo/run.sh

demo-stop: venv ## Stop the demo's console and database (nothing is deleted)
	@. infra/demo/environment.sh && $(BIN)/mimamori down

console: venv ## Start the demo's console again and print where to look
	@. infra/demo/environment.sh && $(BIN)/mimamori up --demo && $(BIN)/mimamori console

kafka: venv ## Start a Kafka broker for MIMAMORI_HOME on loopback and print its address (needs Java and Maven)
	@$(BIN)/python -m infra.kafka.local start

kafka-stop: venv ## Stop it (nothing is deleted)
	@$(BIN)/python -m infra.kafka.local stop

kafka-lock: venv ## Write the sums of Kafka's jars anew from infra/kafka/pom.xml (needs Maven)
	@$(BIN)/python -m infra.kafka.jars --lock

test: venv ## Run every test on two cores; at the end, which were left out and why
	@$(BIN)/python -m pytest -n 2 --dist worksteal -rfEs --no-fold-skipped $(PYTEST_ARGS)

test-unit: venv ## Run the tests that need no service (seconds)
	@$(BIN)/python -m pytest -q tests/unit $(PYTEST_ARGS)

chaos: venv ## Kill every process of the event path again and again, and see that nothing is lost (CHAOS_EVENTS=100000)
	@$(BIN)/python -m infra.chaos.main --events $(CHAOS_EVENTS) $(CHAOS_ARGS)

check: venv ## Check format, lint, types, import direction and DAGs (changes no file)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pyright services
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m infra.airflow.load_dags

check-external: venv ## Hold our norms to published figures of public data sets, where they are at hand
	@$(BIN)/python -m infra.external.check "$(MIMAMORI_EXTERNAL_DATA)"

fix: venv ## Repair format and whatever lint can repair
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: venv ## Time the city from feed files to queue, the log, judging, and events; JSON lines on standard output
	@$(BIN)/python -m infra.bench.city
	@$(BIN)/python -m infra.bench.log
	@$(BIN)/python -m infra.bench.judgement
	@$(BIN)/python -m infra.bench.bus
	@$(BIN)/python -m infra.bench.judgement_household

schemas: venv ## Write the events' AsyncAPI document anew (RELEASE=1: also the schemas that later versions are held to)
	@$(BIN)/python -m infra.ci.event_schemas $(if $(RELEASE),--release)

lock: ## Write requirements.lock anew from pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--group dev pyproject.toml -o requirements.lock

clean: ## Remove .venv and caches (never the home folder)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
