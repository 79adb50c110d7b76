# Everything a newcomer needs: `make run`, `make test`. Each target sets up what it needs first.
.PHONY: help run web test chaos bench bench-web screenshots lint fmt setup

# Where cargo puts what it builds.
TARGET := $(or $(CARGO_TARGET_DIR),target)

# A newer Node.js than the machine's, where `ops/setup.sh` had to bring one.
export PATH := $(abspath $(TARGET))/tools/node/node_modules/.bin:$(PATH)

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: web ## Build, and serve http://localhost:3003 with demo people and tickets
	@ops/setup.sh run
	cargo build --release --locked
	$(TARGET)/release/informejo serve --demo

web: ## Build the web client, which the program has in it
	@ops/setup.sh web
	npm run --silent build --prefix web/app

test: web ## Run every test
	@ops/setup.sh test
	cargo build --locked
	INFORMEJO_PROGRAM=$(abspath $(TARGET))/debug/informejo npm test --silent --prefix web/app
	cargo test --workspace --locked

chaos: web ## Cut and freeze 20 clients 1,000 times while people write
	@ops/setup.sh test
	cargo build --locked
	CHAOS_CUTS=1000 cargo test --package tests --locked -- reliability::resuming --nocapture

bench: web ## Print figures beside those of rivals
	@ops/setup.sh test
	cargo build --release --locked --package ops --package bench --features bench/rivals
	$(TARGET)/release/bench

bench-web: web ## Print how fast the web client is, in a browser
	@ops/setup.sh test
	cargo build --release --locked
	INFORMEJO_PROGRAM=$(abspath $(TARGET))/release/informejo npm run --silent bench --prefix web/app

screenshots: web ## Make pictures of every page
	@ops/setup.sh test
	cargo build --release --locked
	INFORMEJO_PROGRAM=$(abspath $(TARGET))/release/informejo npm run --silent screenshots --prefix web/app

lint: web ## Format, lints, types and documentation, with warnings as errors
	@ops/setup.sh test
	cargo fmt --all --check
	npm run --silent --prefix web/realtime lint
	npm run --silent --prefix web/app lint
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked

fmt: ## Format the code
	cargo fmt --all
	npm run --silent --prefix web/realtime fmt
	npm run --silent --prefix web/app fmt

setup: ## Install what run and test need (Debian, Ubuntu), and nothing where all is there
	@ops/setup.sh test
