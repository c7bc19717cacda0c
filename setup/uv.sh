#!/usr/bin/env bash
# Prints the path of the pinned uv, making it first where it is missing: a venv in the cache, from locks/uv.txt.
# Progress goes to standard error. Usage: uv=$(setup/uv.sh)
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

# A python of our own choosing first, then the newest we test with, then whatever python3 is.
CANDIDATES=(${GUILDHALL_PYTHON:+"$GUILDHALL_PYTHON"} python3.13 python3.12 python3.11 python3 /usr/bin/python3)

# find_python: the path of the first candidate that is 3.11 or newer. A pyenv shim exists without working: each is run.
find_python() {
    local candidate
    for candidate in "${CANDIDATES[@]}"; do
        "$candidate" -c 'import sys; sys.version_info >= (3, 11) or sys.exit(1); print(sys.executable)' \
            2>/dev/null && return 0
    done
    return 1
}

PYTHON=$(find_python) || fail "no Python 3.11 or newer was found" \
    "install Debian's python3 and python3-venv (Debian 12 or newer)" \
    "or name one: make setup GUILDHALL_PYTHON=/path/to/python3"
if [[ ${1:-} == --python ]]; then
    echo "$PYTHON"
    exit 0
fi

HOME_OF_UV=$CACHE/uv-$(uname -m)-$(digest "$(<"$CHECKOUT/locks/uv.txt")")
if [[ ! -x $HOME_OF_UV/bin/uv ]]; then
    alone uv >&2
fi
if [[ ! -x $HOME_OF_UV/bin/uv ]]; then
    say python "fetching the pinned uv" >&2
    partial=$HOME_OF_UV.partial
    rm -rf "$partial"
    "$PYTHON" -m venv "$partial" >&2 || fail "$PYTHON cannot make a virtual environment" \
        "install python3-venv (Debian) or the venv module of that Python"
    # pip reads its own settings (index, certificates); --require-hashes refuses anything that is not the pinned file.
    "$partial/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --require-hashes -r "$CHECKOUT/locks/uv.txt" >&2 ||
        fail "pip could not fetch uv" "check the network and pip's settings (pip config list), then run this again"
    mv -T "$partial" "$HOME_OF_UV" # an interrupted installation is never used
fi
echo "$HOME_OF_UV/bin/uv"
