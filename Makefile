# Every target works on a fresh clone: the environment is built first. GNU make 3.81 upwards.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
# File names are UTF-8, whatever the locale says: the folder's own may hold an umlaut.
export PYTHONUTF8 := 1
# Bytecode is kept: the tests start a hundred processes, and each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP) ## Build .venv with everything pinned in requirements.lock

$(STAMP): requirements.lock pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh "$(VENV)"

.PHONY: run
run: setup ## Everything on one machine; without a PIM configured, a demo shop
	@exec "$(BIN)/akeneo-sync" up

.PHONY: shop
shop: setup ## A sample shop that follows the store, beside `make run`
	@exec "$(BIN)/python" -m examples.shop

.PHONY: test
test: setup ## The tests a newcomer runs (no network, no services needed)
	@"$(BIN)/python" -m pytest -n 3 --dist loadgroup -m "not drill and not long"

.PHONY: long
long: setup ## The longest scenes: models, identities, listings, kills
	@"$(BIN)/python" -m pytest -n 3 --dist loadgroup -m long

.PHONY: drill
drill: setup ## The long crash and outage drills
	@"$(BIN)/python" -m pytest -m drill --timeout=3600

.PHONY: guards
guards: setup ## Take each trap's protection out, one at a time: a test must turn red
	@"$(BIN)/python" -m tests.guards.run

.PHONY: shifted
shifted: setup ## The tests that know time, under clocks that stand elsewhere (needs libfaketime)
	@"$(BIN)/python" scripts/shifted_clock.py

.PHONY: lint
lint: setup ## Ruff, formatting included
	@"$(BIN)/ruff" check . && "$(BIN)/ruff" format --check .

.PHONY: types
types: setup ## mypy --strict on sources and tests
	@"$(BIN)/mypy" .

.PHONY: contracts
contracts: setup ## Which package may import which
	@"$(BIN)/lint-imports" --no-cache

.PHONY: check
check: lint types contracts test long ## All of the above and the tests: what CI runs

.PHONY: audit
audit: setup ## Known vulnerabilities among the pinned packages (asks the advisory database)
	@"$(BIN)/python" scripts/audit.py

.PHONY: fmt
fmt: setup ## Format the code
	@"$(BIN)/ruff" check --fix . ; "$(BIN)/ruff" format .

.PHONY: bench
bench: setup ## Benchmarks: each prints a ratio to a limit measured in the same run
	@for f in bench/*.py; do "$(BIN)/python" "$$f" || exit 1; done

.PHONY: lock
lock: setup ## Resolve requirements.lock anew (needs uv and the network)
	@sh scripts/lock.sh
