#!/usr/bin/env bash
# Makes .venv from the locks, hash-checked, with the project itself importable. Usage: setup/python.sh [run|dev]
# An environment that already holds the tests' tools (dev) keeps them when only run is asked for.
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"
# shellcheck source=setup/index.sh
source "$(dirname "${BASH_SOURCE[0]}")/index.sh"

KIND=${1:-run}
[[ $KIND == run || $KIND == dev ]] || fail "unknown environment '$KIND'" "say run or dev"
cd "$CHECKOUT"
VENV=$CHECKOUT/.venv
STAMP=$VENV/guildhall-stamp
SETUP_UV=$CHECKOUT/setup/uv.sh

[[ ! -f $STAMP ]] || ! grep -q '^dev ' "$STAMP" || KIND=dev

# What the environment would be: kind, lock, this script, and where the checkout lies (the .pth names it).
wished() { echo "$KIND $(digest "$(<"locks/$KIND.txt")" "$(<setup/python.sh)" "$CHECKOUT")"; }

# The stamp is written last; a python that has gone (an upgraded system) makes it worthless.
leave_if_done() {
    [[ -f $STAMP && $(<"$STAMP") == "$(wished)" ]] && "$VENV/bin/python" -c '' 2>/dev/null || return 0
    say python ".venv holds locks/$KIND.txt"
    exit 0
}

leave_if_done
alone "python-$(digest "$CHECKOUT")"
leave_if_done # the one we waited for may have done it
UV=$("$SETUP_UV")
PYTHON=$("$SETUP_UV" --python)
use_pips_network "$UV"

rm -f "$STAMP"
if ! "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say python "making .venv with $("$PYTHON" -V)"
    "$UV" venv --quiet --clear --force --no-project --python "$PYTHON" "$VENV" ||
        fail "uv could not make .venv" "delete .venv and run this again"
fi
say python "installing locks/$KIND.txt"
"$UV" pip sync --compile-bytecode --quiet --require-hashes --no-build --python "$VENV/bin/python" "locks/$KIND.txt" ||
    fail "uv could not install locks/$KIND.txt" \
        "check the network and pip's settings (pip config list), then run this again" \
        "a hash that does not match means a changed file upstream: do not work round it, tell the maintainers"

# The project itself, without a build backend: a .pth for the imports and a launcher for the command line. It works
# offline, and the service's environment needs no build tools (hatchling would come with five packages of its own).
site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$CHECKOUT" >"$site/guildhall.pth"
# sh first, then Python: the kernel limits a #! line's length and takes no spaces in it.
cat >"$VENV/bin/guildhall" <<LAUNCHER
#!/bin/sh
'''exec' '$VENV/bin/python' "\$0" "\$@"
' '''
"""Starts Guildhall's command line; written by setup/python.sh."""
import sys

from guildhall.cli import main

sys.exit(main())
LAUNCHER
chmod 755 "$VENV/bin/guildhall"

wished >"$STAMP"
say python ".venv is ready: $("$VENV/bin/python" -V), locks/$KIND.txt"
