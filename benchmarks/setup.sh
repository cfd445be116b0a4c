#!/bin/sh
# Make .venv-bench: Signet's own pins and the rivals', every file checked by its hash.
# Does nothing when the folder already holds exactly what requirements.txt asks for.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
venv="$(dirname -- "$here")/.venv-bench"
python=${PYTHON:-python3}

if [ -x "$venv/bin/python" ] && cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    exit 0
fi
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --no-deps -r "$here/requirements.txt"
cp "$here/requirements.txt" "$venv/installed.txt"
