#!/bin/sh
# Make .venv-bench (Signet's own pins and the rivals') and var/benchmarks/node (oidc-provider and jose), every file checked by
# its hash. Does nothing where a folder already holds exactly what is pinned. Without npm the run goes on without Node.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
venv="$root/.venv-bench"
node="$root/var/benchmarks/node"
python=${PYTHON:-python3}

install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$@"
}

if ! [ -x "$venv/bin/python" ] || ! cat "$here"/requirements*.txt | cmp -s - "$venv/installed.txt"; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
    install "$here/requirements.txt"
    install "$here/requirements-oauth.txt" --target "$venv/oauth_toolkit"
    cat "$here"/requirements*.txt >"$venv/installed.txt"
fi

if command -v npm >/dev/null && ! cmp -s "$here/rivals/node/package-lock.json" "$node/installed.json"; then
    mkdir -p "$node"
    rm -f "$node/installed.json"
    cp "$here/rivals/node/package.json" "$here/rivals/node/package-lock.json" "$node"
    if npm ci --prefix "$node" --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null; then
        cp "$node/package-lock.json" "$node/installed.json"
    fi
fi
