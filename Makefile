# A thin door: every target calls a CMake preset or a script. `make help` lists them.
PRESET ?= default
ARGS   ?=
SUITES ?= dev asan

PREFIX ?= /usr/local

.DEFAULT_GOAL := help
.PHONY: bench test test-unit test-external build install package deps lint format clean help bench-all bench-models bench-peers

bench: build ## measure the default set and write the report; one scenario: make bench ARGS=ten-requests (PRESET=quick|default|rigorous, ARGS="--models threads ...")
	@build/release/bin/concbench run --preset $(PRESET) $(ARGS)

test: ## build and run all tests, plain and under the sanitizers (SUITES="dev asan tsan")
	@scripts/install-deps build test
	@scripts/suite $(SUITES)

test-unit: ## build preset dev and run the unit tests alone
	@scripts/install-deps build test
	@scripts/suite --unit dev

test-external: ## build preset dev and hold every runner in another language that can run here against the contract
	@scripts/install-deps build test
	@CONCBENCH_EXTERNAL=all scripts/suite --only '^py\.contract\.external$$' dev

build: ## build the programs into build/release/bin
	@scripts/install-deps build
	@scripts/build release

install: build ## put programs, manual and completions under PREFIX (default /usr/local; DESTDIR is put before it)
	@cmake --install build/release --prefix $(PREFIX) >build/release/installed
	@echo "$(DESTDIR)$(PREFIX)/bin/concbench"

package: ## build a .deb and a .tar.gz of the release programs into build/package
	@scripts/install-deps build package
	@scripts/build release
	@cpack --config build/release/CPackConfig.cmake -B build/package >build/release/packaged
	@rm -rf build/package/_CPack_Packages
	@sed -n 's/^CPack: - package: \(.*\) generated\.$$/\1/p' build/release/packaged

deps: ## install the Debian packages that bench, test and lint need
	@scripts/install-deps build test lint

lint: ## check format, clang-tidy, layers, sizes and banned calls
	@scripts/install-deps build test lint
	@scripts/lint

format: ## put every C file into the house format
	@scripts/install-deps lint
	@scripts/format

bench-all: PRESET = quick
bench-all: build ## run every scenario and make one index of their reports (PRESET=..., ARGS="--limit 3m", ARGS="--skip open-loop")
	@scripts/install-deps build catalogue
	@scripts/bench-all --preset $(PRESET) $(ARGS)

bench-models: build ## run every model that can run here, under one load (PRESET=..., ARGS=...)
	@build/release/bin/concbench run every-model --preset $(PRESET) $(ARGS)

bench-peers: build ## compare the runners with wrk, ab, hey and h2load (ARGS="--rounds 9 ...")
	@scripts/install-deps build peers
	@scripts/peers $(ARGS)

clean: ## remove everything that was built; results stay
	@rm -rf build

help: ## list the targets
	@[ ! -t 1 ] || columns=$$(stty size 2>/dev/null </dev/tty | cut -d' ' -f2); \
	    sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\n\2/p' $(MAKEFILE_LIST) | \
	    awk -v columns="$${COLUMNS:-$$columns}" -f scripts/help.awk
