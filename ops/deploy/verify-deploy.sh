#!/bin/sh
# Tells whether a deployed Informejo works: its manager, its port, its pages, live updates by each transport, the proxies'
# configuration where they are on this machine, and the address that people type. Changes nothing. Exit code 1 if
# something does not work.
#
#   INFORMEJO_ENV_FILE   the settings (default: .env of INFORMEJO_HOME; under systemd /etc/informejo/informejo.env)
#   INFORMEJO_HOME       as for deploy.sh
#   INFORMEJO_BINARY     the program (default: the one in the build, or else in PATH)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
failed=0

ok() {
    printf 'ok       %s\n' "$1"
}

fail() {
    printf 'FAILED   %s\n         → %s\n' "$1" "$2"
    failed=1
}

skip() {
    printf 'skipped  %s\n' "$1"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

has curl || { fail "curl is missing" "install it"; exit 1; }

# Who runs it.
home=${INFORMEJO_HOME:-$root}
pm2_status=none
if has pm2; then
    # It may greet before it answers.
    pm2_status=$(pm2 jlist | node -e '
        const said = require("node:fs").readFileSync(0, "utf8");
        const list = JSON.parse(said.split("\n").find((line) => line.startsWith("[{")) ?? "[]");
        console.log(list.find((app) => app.name === "informejo")?.pm2_env.status ?? "none");
    ')
fi
if [ "$pm2_status" != none ]; then
    if [ "$pm2_status" = online ]; then
        ok "PM2: informejo is online"
    else
        fail "PM2: informejo is $pm2_status" "pm2 logs informejo --lines 50"
    fi
elif has systemctl && systemctl --quiet is-active informejo 2>/dev/null; then
    ok "systemd: informejo is active"
    home=
else
    fail "neither PM2 nor systemd runs informejo" "ops/deploy/deploy.sh, or systemctl enable --now informejo"
fi
if [ -n "$home" ]; then env_file=$home/.env; else env_file=/etc/informejo/informejo.env; fi
env_file=${INFORMEJO_ENV_FILE:-$env_file}

# The last word of a setting in the file.
setting() {
    if [ -f "$env_file" ]; then sed -n "s/^$1=//p" "$env_file" | tail -n 1 | tr -d "\"'"; fi
}
port=$(setting PORT)
host=$(setting HOST)
case ${host:-0.0.0.0} in 0.0.0.0 | ::) host=127.0.0.1 ;; *:*) host="[$host]" ;; esac
desk=http://$host:${port:-3003}

# The answer of the program here; nothing if there is none.
ask() {
    curl --silent --show-error --max-time 5 "$@" 2>/dev/null || true
}

if [ "$(ask --output /dev/null --write-out '%{http_code}' "$desk/health")" = 200 ]; then
    ok "$desk answers: $(ask "$desk/api/version")"
else
    fail "$desk/health does not answer" "is port ${port:-3003} listened at? ss -tlnp; pm2 logs informejo, or journalctl -u informejo"
fi
if ask --retry 30 --retry-delay 1 --retry-all-errors --fail --max-time 40 "$desk/ready" | grep -q '"status":"ready"'; then
    ok "it is ready"
else
    fail "it is not ready: $(ask "$desk/ready")" "docs/operations.md has a chapter for each reason"
fi
if ask "$desk/" | grep -q '<title>Informejo</title>'; then
    ok "it shows its page"
else
    fail "there is no page at $desk/" "does another program listen there?"
fi
if ask "$desk/socket.io/?EIO=4&transport=polling" | grep -q '^0{'; then
    ok "live updates by polling"
else
    fail "no live updates by polling" "pm2 logs informejo | grep Socket.IO"
fi
if ask --http1.1 --max-time 2 --include --no-buffer --header 'connection: Upgrade' --header 'upgrade: websocket' \
    --header 'sec-websocket-version: 13' --header 'sec-websocket-key: dmVyaWZ5LWRlcGxveS5zaA==' \
    "$desk/socket.io/?EIO=4&transport=websocket" | grep -aq '^HTTP/1.1 101'; then
    ok "live updates by websocket"
else
    fail "no live updates by websocket" "pm2 logs informejo | grep Socket.IO"
fi

# Proxies on this machine, if they are ours.
if has nginx && grep -rqs informejo_backend /etc/nginx; then
    if nginx -t -q; then ok "nginx takes its configuration"; else fail "nginx -t" "see above"; fi
else
    skip "nginx: none on this machine that leads here"
fi
if has haproxy && grep -qs informejo_backend /etc/haproxy/haproxy.cfg; then
    if haproxy -c -q -f /etc/haproxy/haproxy.cfg; then
        ok "HAProxy takes its configuration"
    else
        fail "haproxy -c -f /etc/haproxy/haproxy.cfg" "see above"
    fi
else
    skip "HAProxy: none on this machine that leads here"
fi

# The address that people type, what proxies pass on, the database, the disk: the program's own doctor looks.
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target=$root/$target ;; esac
for binary in "${INFORMEJO_BINARY:-}" "$target/release/informejo" "$(command -v informejo || true)"; do
    if [ -x "$binary" ]; then break; fi
done
# As the account and with the settings of the service. (By export: other users can read a command's words.)
doctor() (
    if [ -n "$home" ]; then
        cd "$home"
        exec "$binary" doctor
    fi
    export DATA_DIR=/var/lib/informejo
    while IFS= read -r line; do
        case $line in [A-Z]*=*) export "$(printf '%s' "$line" | sed "s/=[\"']\(.*\)[\"']\$/=\1/")" ;; esac
    done <"$env_file"
    cd "$DATA_DIR"
    if [ "$(id -u)" -eq 0 ] && id -u informejo >/dev/null 2>&1; then
        exec runuser -u informejo -- "$binary" doctor
    fi
    exec "$binary" doctor
)
if [ -x "$binary" ]; then
    if said=$(doctor 2>&1); then
        ok "informejo doctor: $(printf '%s\n' "$said" | tail -n 1)"
        printf '%s\n' "$said" | grep -A 1 '^warning' || true
    else
        fail "informejo doctor" "see below"
        printf '%s\n' "$said"
    fi
else
    skip "informejo doctor: the program is not here"
fi
exit "$failed"
