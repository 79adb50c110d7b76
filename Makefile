# Everything a newcomer needs: `make run`, `make test`. Each target sets up what it needs first.
.PHONY: help run test chaos bench lint fmt setup

# Where cargo puts what it builds.
TARGET := $(or $(CARGO_TARGET_DIR),target)

help: ## Show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build, and serve http://localhost:3003 with demo people and tickets
	@ops/setup.sh run
	cargo build --release --locked
	$(TARGET)/release/informejo serve --demo

test: ## Run every test
	@ops/setup.sh test
	cargo build --locked
	cargo test --workspace --locked

chaos: ## Cut and freeze 20 clients 1,000 times while people write
	@ops/setup.sh test
	cargo build --locked
	CHAOS_CUTS=1000 cargo test --package tests --locked -- reliability::resuming --nocapture

bench: ## Print figures beside those of rivals
	@ops/setup.sh test
	cargo build --release --locked --package ops --package bench --features bench/rivals
	$(TARGET)/release/bench

lint: ## Format, lints, types and documentation, with warnings as errors
	@ops/setup.sh test
	cargo fmt --all --check
	npm run --silent --prefix web/realtime lint
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked

fmt: ## Format the code
	cargo fmt --all
	npm run --silent --prefix web/realtime fmt

setup: ## Install what run and test need (Debian, Ubuntu), and nothing where all is there
	@ops/setup.sh test
