#!/usr/bin/env bash
# Removes what can be made again, and says what. Recordings, secrets and the database only with CONFIRM=yes.
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

cd "$CHECKOUT"
CONFIRM=${CONFIRM:-no}
# An engine that runs from this .venv would lose its ground: stop it first.
if [[ -x .venv/bin/guildhall ]]; then
    .venv/bin/guildhall down || fail "what runs could not be stopped" \
        "see .venv/bin/guildhall doctor, or delete .venv by hand if you are sure that nothing runs"
fi

shopt -s nullglob
remove=(.venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info)
kept=(var recordings/audio)
if [[ $CONFIRM == yes ]]; then
    remove+=("${kept[@]}")
    kept=()
fi
for path in "${remove[@]}"; do
    [[ -e $path ]] || continue
    say clean "removing $path"
    # Recordings and the PBX's own files can belong to another user than the one who types.
    rm -rf -- "$path" 2>/dev/null || { need_root "remove $path" && as_root rm -rf --one-file-system -- "$path"; }
done
find . -path ./var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
for path in "${kept[@]}"; do
    [[ ! -e $path ]] || say clean "kept $path (data, secrets, recordings): CONFIRM=yes make clean removes it too"
done
say clean "kept $CACHE (the PBX, uv): other checkouts use it; delete it by hand"
