#!/usr/bin/env bash
# Recompiles locks/*.txt from locks/*.in for every platform and Python ≥ 3.11, with hashes and without naming any host.
# Usage: setup/lock.sh [--upgrade | --upgrade-package NAME]    Pins that are not asked about stay as they are.
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"
# shellcheck source=setup/index.sh
source "$(dirname "${BASH_SOURCE[0]}")/index.sh"

cd "$CHECKOUT"
UV=$(setup/uv.sh)
use_pips_network "$UV"
for name in uv run dev; do
    say lock "locks/$name.in"
    "$UV" pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
        "$@" "locks/$name.in" -o "locks/$name.txt"
done
! grep -nE '://|index-url|find-links' locks/*.txt ||
    fail "a lock names a host" "compile it where neither pip nor uv adds an index to the output"
say lock "done: read the difference, then run make test"
