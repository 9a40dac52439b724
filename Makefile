# `make` lists the targets. Needs Debian and the .NET SDK; the rest is installed or built (the first time as root).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
# Whether packages have known vulnerabilities could not be asked: see Directory.Build.props.
AUDIT_UNANSWERED := NU1900;NU1905

.PHONY: help build unit integration test bench mutants stryker fuzz run image manifests release lint clean

help: ## this list
	@echo 'make TARGET'
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

build: ## compile everything; a warning is an error
	dotnet build -c Release MailOperator.sln -warnaserror '-warnnotaserror:$(AUDIT_UNANSWERED)'

unit: ## the fast tests; FILTER=TEXT for some of them
	@tests/run.sh unit

integration: ## the tests on a real API server and real mail servers; FILTER=TEXT for some of them
	@tests/run.sh integration

test: ## all tests; the last line is "N passed, N failed"
	@tests/run.sh all

bench: build ## measure speed and size beside their targets; PART=NAMES for some, WRITE=1 for docs/figures.md
	@tests/bench.sh

mutants: ## break one rule after the other: a unit test must notice; MUTANT=NAME for one of them
	@tests/mutants/run.sh

stryker: ## break all that Stryker.NET can of what ends passwords; MUTATE=GLOB for some files; SLOW=1: with slow tests
	@tests/mutants/stryker.sh

fuzz: ## a million inputs for what reads other people's bytes, in 10 minutes; FUZZ_INPUTS=N, FUZZ_MINUTES=N, FILTER=TEXT
	@tests/fuzz.sh

run: ## all on this machine until Ctrl-C; ONCE=1 for one pass; BACKEND=postgres, mysql, ldap; KUBE=current: your cluster
	@tests/quickstart/run.sh

image: ## the container image, by docker, podman or buildah; IMAGE=NAME, ARCH=arm64, BASE=debian: of Debian packages
	@release/image.sh

manifests: ## install.yaml and a kustomize base in artifacts/manifests, for an installation without Helm; IMAGE=NAME
	@release/manifests.sh artifacts/manifests

release: ## all files of a release in artifacts/release, published nowhere; ARCHES="amd64 arm64", BASE=debian
	@release/release.sh

lint: ## formatting and style; also scripts and chart, if shellcheck and helm are installed
	dotnet format MailOperator.sln --verify-no-changes
	@for f in tests/*.sh tests/*/*.sh release/*.sh .ci/run; do bash -n "$$f"; done
	@if command -v shellcheck >/dev/null; then \
	  shellcheck -S warning -e SC1007 -x tests/*.sh tests/*/*.sh release/*.sh .ci/run; \
	  else echo 'shellcheck is not installed: left out'; fi
	@if helm=$$(tests/servers/helm.sh); then for c in charts/*/; do "$$helm" lint --strict "$$c"; done; \
	  else echo 'no helm: left out'; fi

clean: ## remove build output (not the control plane in the user's cache)
	rm -rf artifacts operator/bin operator/obj tests/*/bin tests/*/obj
