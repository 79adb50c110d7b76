#!/bin/sh
# Installs what `make run` or `make test` needs and this machine lacks, on Debian and Ubuntu; elsewhere it says what
# is missing. Where nothing is missing it does nothing and needs no network.
#
#   ops/setup.sh run     a C linker, PostgreSQL 14 or newer (unless DATABASE_URL is set)
#   ops/setup.sh test    the same, Node.js 18 or newer with npm, the packages of tests/node, and promtool
set -eu

postgres_min=14
node_min=18
cd "$(dirname "$0")/.."

die() {
    printf 'setup: %s\n' "$1" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# The highest major version of the PostgreSQL servers on this machine, or 0. The program itself looks into a few more
# folders (ops/src/postgres/binaries.rs); this is for machines that apt-get can help.
postgres_major() {
    best=0
    IFS=:
    for dir in ${PG_BINDIR:-} $PATH $(printf '%s:' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin \
        /usr/libexec/postgresql* /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin); do
        if [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ]; then
            major=$("$dir/postgres" --version | sed 's/^[^)]*) *\([0-9]*\).*/\1/')
            if [ "${major:-0}" -gt "$best" ]; then best=$major; fi
        fi
    done
    unset IFS
    echo "$best"
}

node_major() {
    if has node; then node --version | sed 's/^v\([0-9]*\).*/\1/'; else echo 0; fi
}

# Sets as_root to what makes a command root's.
become_root() {
    has apt-get || die "please install: $*"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        has sudo || die "as root, run: apt-get install $*"
        as_root=sudo
    fi
}

# apt-get, as root.
install() {
    become_root "$@"
    echo "setup: installing $*"
    $as_root apt-get update --quiet
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$@"
}

# promtool out of Debian's package prometheus, which is not installed: it would bring a service and web pages.
unpack_promtool() {
    has apt-get && has dpkg-deb || die "please install promtool, which comes with Prometheus"
    echo "setup: unpacking promtool into $tools"
    mkdir -p "$tools"
    unpacked=$(mktemp -d)
    if ! (cd "$unpacked" && apt-get download --quiet prometheus); then
        become_root prometheus
        $as_root apt-get update --quiet
        (cd "$unpacked" && apt-get download --quiet prometheus) || die "the package prometheus cannot be had"
    fi
    dpkg-deb --extract "$unpacked"/prometheus_*.deb "$unpacked/files"
    mv "$unpacked/files/usr/bin/promtool" "$tools/promtool"
    rm -rf "$unpacked"
}

has cargo || die "Rust is missing: install it from https://rustup.rs, then open a new shell"

packages=
if ! has cc; then packages="gcc libc6-dev"; fi
if [ -z "${DATABASE_URL:-}" ] || [ "${1:-}" = test ]; then
    if [ "$(postgres_major)" -lt "$postgres_min" ]; then
        packages="$packages postgresql"
        echo "setup: the package postgresql also starts a database of its own on port 5432, which is not used"
    fi
fi
if [ "${1:-}" = test ]; then
    if [ "$(node_major)" -lt "$node_min" ]; then packages="$packages nodejs"; fi
    if ! has npm; then packages="$packages npm"; fi
fi
if [ -n "$packages" ]; then
    # shellcheck disable=SC2086 # these are words
    install $packages
fi

# A distribution's own package may still be too old.
case "$packages" in *postgresql*)
    [ "$(postgres_major)" -ge "$postgres_min" ] ||
        die "PostgreSQL $(postgres_major) is too old: install $postgres_min or newer, see https://www.postgresql.org/download" ;;
esac
case "$packages" in *nodejs*)
    [ "$(node_major)" -ge "$node_min" ] ||
        die "Node.js $(node_major) is too old: install $node_min or newer, see https://nodejs.org" ;;
esac

if [ "${1:-}" = test ] && [ -f tests/node/package.json ]; then
    if [ ! tests/node/node_modules/.package-lock.json -nt tests/node/package-lock.json ]; then
        echo "setup: installing the packages of tests/node"
        npm ci --prefix tests/node --no-audit --no-fund
    fi
fi

tools=${CARGO_TARGET_DIR:-target}/tools
if [ "${1:-}" = test ] && ! has promtool && [ ! -x "$tools/promtool" ]; then
    unpack_promtool
fi
