#!/bin/sh
# Installs what `make run` or `make test` needs and this machine lacks, on Debian and Ubuntu; elsewhere it says what
# is missing. Where nothing is missing it does nothing and needs no network.
#
#   ops/setup.sh web     what the web client is built with: Node.js 20.19 or newer with npm, and the packages of web/app
#                        and web/realtime. Where the distribution's Node.js is too old, npm brings a newer one, which
#                        is put beside the build and not installed
#   ops/setup.sh run     the same, a C linker, PostgreSQL 14 or newer (unless DATABASE_URL is set)
#   ops/setup.sh test    the same, the packages of tests/node and tests/pm2,
#                        Chromium ($CHROMIUM names another browser), curl, OpenSSL with its headers, Python 3,
#                        systemd-analyze; the Socket.IO clients of other languages and schemathesis (tests/foreign),
#                        beside the build; and promtool, nginx, HAProxy and ShellCheck, which are unpacked beside the
#                        build and not installed: nothing is started, and no port is taken
set -eu

postgres_min=14
# Of the line that distributions have, and what is taken where theirs is older.
node_min=20.19
node_taken=22
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

# Vite builds with it: 20.19 and what follows on that line, 22.12, or any newer one.
node_is_new_enough() {
    has node && node -e 'const [a, b] = process.versions.node.split(".").map(Number);
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'
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

is_installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# A program out of a Debian package that is not installed, since it would bring a service, into $tools; with the shared
# libraries that it needs, which are installed if they are missing. The program is then $tools/<its name>.
unpack() {
    package=$1 program=$2
    if ! has apt-get || ! has dpkg-deb; then die "please install ${program##*/}"; fi
    echo "setup: unpacking ${program##*/} into $tools"
    mkdir -p "$tools"
    unpacked=$(mktemp -d)
    if ! (cd "$unpacked" && apt-get download --quiet "$package"); then
        become_root "$package"
        $as_root apt-get update --quiet
        (cd "$unpacked" && apt-get download --quiet "$package") || die "the package $package cannot be had"
    fi
    dpkg-deb --extract "$unpacked/${package}"_*.deb "$unpacked/files"
    if ldd "$unpacked/files/$program" | grep -q 'not found'; then
        libraries=
        for library in $(dpkg-deb --field "$unpacked/${package}"_*.deb Depends |
            tr ',' '\n' | sed 's/[|(].*//; s/:any//; s/ //g' | grep '^lib'); do
            # What is there stays as it is: naming it would upgrade it.
            if ! is_installed "$library"; then libraries="$libraries $library"; fi
        done
        # shellcheck disable=SC2086 # these are words
        if [ -n "$libraries" ]; then install $libraries; fi
        if ldd "$unpacked/files/$program" | grep 'not found'; then die "$package needs more than there is"; fi
    fi
    mv "$unpacked/files/$program" "$tools/"
    rm -rf "$unpacked"
}

# Unpacks a program that is neither installed nor unpacked yet.
tool() {
    name=${2##*/}
    if ! has "$name" && [ ! -x "$tools/$name" ]; then unpack "$1" "$2"; fi
}

# Packages of Python, pinned in a file, in a virtual environment of their own: $tools/<name>.
python_packages() {
    python=$tools/$1
    if ! cmp -s "$2" "$python/requirements.txt"; then
        echo "setup: installing $1 into $python"
        python3 -m venv --clear "$python"
        "$python/bin/pip" install --quiet --disable-pip-version-check --requirement "$2"
        cp "$2" "$python/requirements.txt"
    fi
}

# Servers lie where only root's PATH leads.
PATH=$PATH:/usr/sbin:/sbin
tools=${CARGO_TARGET_DIR:-target}/tools
PATH=$(mkdir -p "$tools" && cd "$tools" && pwd)/node/node_modules/.bin:$PATH
what=${1:-run}

has cargo || [ "$what" = web ] || die "Rust is missing: install it from https://rustup.rs, then open a new shell"

packages=
if ! has node; then packages="$packages nodejs"; fi
if ! has npm; then packages="$packages npm"; fi
if [ "$what" != web ] && ! has cc; then packages="$packages gcc libc6-dev"; fi
if [ "$what" = test ] || { [ "$what" != web ] && [ -z "${DATABASE_URL:-}" ]; }; then
    if [ "$(postgres_major)" -lt "$postgres_min" ]; then
        packages="$packages postgresql"
        echo "setup: the package postgresql also starts a database of its own on port 5432, which is not used"
    fi
fi
if [ "$what" = test ]; then
    if ! has curl; then packages="$packages curl"; fi
    if [ -z "${CHROMIUM:-}" ] && ! has chromium && ! has chromium-browser && ! has google-chrome; then
        packages="$packages chromium"
    fi
    if ! has openssl; then packages="$packages openssl"; fi
    if ! has systemd-analyze; then packages="$packages systemd"; fi
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then packages="$packages python3 python3-venv"; fi
    if ! has pkg-config || ! pkg-config --exists openssl; then packages="$packages pkg-config libssl-dev"; fi
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
if ! node_is_new_enough; then
    old=$(node --version)
    echo "setup: Node.js $old is too old for the web client, putting $node_taken into $tools"
    if ! npm install --no-audit --no-fund --prefix "$tools/node" "node@$node_taken" || ! node_is_new_enough; then
        die "Node.js $old is too old: install $node_min or newer, see https://nodejs.org"
    fi
fi

# The packages of these folders, where they are not those of the lock file.
packages_of() {
    for folder in "$@"; do
        # shellcheck disable=SC3013 # dash and bash know -nt
        if [ ! "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ]; then
            echo "setup: installing the packages of $folder"
            npm ci --prefix "$folder" --no-audit --no-fund
        fi
    done
}

packages_of web/realtime web/app
if [ "$what" = test ]; then
    packages_of tests/node tests/pm2
    tool prometheus usr/bin/promtool
    tool nginx usr/sbin/nginx
    tool haproxy usr/sbin/haproxy
    tool shellcheck usr/bin/shellcheck
    python_packages python-socketio tests/foreign/requirements.txt
    python_packages schemathesis tests/foreign/schemathesis/requirements.txt
    echo "setup: building the client that is written with rust_socketio, if it has changed"
    cargo build --quiet --locked --manifest-path tests/foreign/rust/Cargo.toml --target-dir "$tools/rust-socketio"
fi
