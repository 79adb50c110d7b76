#!/bin/sh
# Deploys Informejo under PM2 on this machine: builds, checks the settings, starts or restarts, waits until it is ready,
# and verifies. From any folder, any number of times: where nothing has changed, nothing is restarted.
#
#   INFORMEJO_HOME     the folder with .env, where the program runs (default: the project's folder)
#   INFORMEJO_BINARY   a program that is built already (default: it is built here)
#
# Nothing needs root. Under systemd, informejo.service says what to do instead.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
export INFORMEJO_HOME="${INFORMEJO_HOME:-$root}"

say() {
    printf 'deploy: %s\n' "$1"
}

die() {
    printf 'deploy: %s\n' "$1" >&2
    exit 1
}

for program in node pm2 curl; do
    command -v "$program" >/dev/null || die "$program is missing (PM2: npm install --global pm2)"
done
[ -f "$INFORMEJO_HOME/.env" ] ||
    die "$INFORMEJO_HOME/.env is missing: copy $here/informejo.env.example there, and fill it in"

if [ -z "${INFORMEJO_BINARY:-}" ]; then
    command -v cargo >/dev/null || die "cargo is missing: install Rust from https://rustup.rs"
    say "building"
    ops/setup.sh web
    PATH=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/tools/node/node_modules/.bin:$PATH npm run --silent build --prefix web/app
    cargo build --release --locked --package ops
    target=${CARGO_TARGET_DIR:-target}
    case $target in /*) ;; *) target=$root/$target ;; esac
    INFORMEJO_BINARY=$target/release/informejo
fi
export INFORMEJO_BINARY

# Settings that cannot be read would end the program that runs now for one that does not start. (1: something else is to be
# looked at, which is no reason to stay with an older program.)
status=0
(cd "$INFORMEJO_HOME" && "$INFORMEJO_BINARY" doctor >/dev/null) || status=$?
if [ "$status" -gt 1 ]; then die "the settings in $INFORMEJO_HOME/.env are wrong; what runs, runs on"; fi

INFORMEJO_DEPLOYED=$(cat "$INFORMEJO_BINARY" "$INFORMEJO_HOME/.env" "$here/ecosystem.config.js" | sha256sum | cut -c 1-64)
export INFORMEJO_DEPLOYED

# What runs was deployed from this; or `stopped`, or `none`.
running=$(pm2 jlist | node -e '
    const said = require("node:fs").readFileSync(0, "utf8");
    const list = JSON.parse(said.split("\n").find((line) => line.startsWith("[{")) ?? "[]");
    const app = list.find((app) => app.name === "informejo");
    const env = app?.pm2_env;
    console.log(!app ? "none" : env.status !== "online" ? "stopped" : env.INFORMEJO_DEPLOYED || "unknown");
')
if [ "$running" = "$INFORMEJO_DEPLOYED" ]; then
    say "nothing has changed"
else
    # PM2 keeps what a program was first started with, so that it is told anew. The program ends in an orderly way.
    if [ "$running" != none ]; then pm2 delete informejo; fi
    say "starting"
    pm2 start "$here/ecosystem.config.js"
    pm2 save
    if [ "$running" = none ]; then say "to start it with the machine, run \`pm2 startup\` once, and what that says"; fi
fi

exec "$here/verify-deploy.sh"
