# Every target sets up what it needs by itself; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
bin := .venv/bin
export PYTHONDONTWRITEBYTECODE := # the same sources are started many times
pytest := $(bin)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder
scripts := daggerw .ci/run tests/cluster/on-kind $(wildcard src/pipeline/tools/scripts/* benchmarks/*.sh services/frontend/nginx/*.envsh manifests/argocd/*/*.sh)
dockerfiles = $(wildcard services/*/Dockerfile)

.PHONY: help
help: ## Print this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: test
test: lint ## Run everything: linters, then all tests
	$(pytest)

.PHONY: unit
unit: venv ## Run the tests that need no engine
	$(pytest) -m 'not engine'

.PHONY: pipeline
pipeline: venv ## Run the module's tests, through an engine
	$(pytest) tests/pipeline

.PHONY: test-on-dagger
test-on-dagger: venv ## Run the module's tests, and the API's, on Dagger's engine: in `dagger run`, or with a runner host set
	@[[ -n $${_EXPERIMENTAL_DAGGER_RUNNER_HOST:-$${DAGGER_SESSION_PORT:-}} ]] || { \
		echo 'no engine is named: set _EXPERIMENTAL_DAGGER_RUNNER_HOST, or run `dagger run make test-on-dagger`' >&2; exit 2; }
	$(pytest) tests/modules tests/engine/api tests/pipeline tests/repository

.PHONY: test-on-cluster
test-on-cluster: venv ## Walk the road on the cluster of KUBECONFIG, with the Argo CD of ARGOCD_SERVER (host:port)
	@[[ -n $${KUBECONFIG:-} && -n $${ARGOCD_SERVER:-} ]] || { echo 'set KUBECONFIG and ARGOCD_SERVER' >&2; exit 2; }
	$(bin)/python -m pytest --numprocesses 0 tests/cluster

.PHONY: test-on-kind
test-on-kind: venv ## The same on a cluster that is made for it by kind, and taken down: needs docker and Go
	tests/cluster/on-kind $(MAKE) test-on-cluster

.PHONY: engine
engine: venv ## Run the local engine's tests
	$(pytest) tests/engine

.PHONY: lint
lint: venv ## Check style, types, scripts and Dockerfiles
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/shellcheck $(scripts)
	$(bin)/hadolint $(dockerfiles)

.PHONY: lint-terraform
lint-terraform: venv ## Check terraform/ with Checkov, which is too large for `make lint`: it is installed apart, on first use
	$(bin)/uv tool run --quiet checkov@3.3.30 --directory terraform --framework terraform --compact --quiet --skip-download

.PHONY: format
format: venv ## Put the Python sources in form
	$(bin)/ruff check --fix
	$(bin)/ruff format

.PHONY: bench
bench: venv ## Measure builds against plain buildah, promotions against a plain script and in a big repository, and what is attached
	$(bin)/python benchmarks/build.py
	$(bin)/python benchmarks/engine.py
	$(bin)/python benchmarks/promote.py
	$(bin)/python benchmarks/provenance.py
	$(bin)/python benchmarks/big_repository.py

.PHONY: venv
venv: ## Set up .venv with the engine and the development tools
	@./daggerw --setup-dev

compile := $(bin)/uv pip compile --quiet --no-sources --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: lock
lock: venv ## Pin the requirements, those pinned already as they are; `make lock upgrade=--upgrade` moves them
	$(compile) $(upgrade) pyproject.toml --output-file requirements.lock
	$(compile) $(upgrade) --constraint requirements.lock --group engine/pyproject.toml:build engine/pyproject.toml \
		--output-file engine/requirements.lock
	$(compile) $(upgrade) --constraint requirements.lock --constraint engine/requirements.lock \
		--group dev pyproject.toml engine/pyproject.toml --output-file requirements-dev.lock
