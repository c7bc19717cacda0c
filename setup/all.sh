#!/usr/bin/env bash
# Everything there must be before Guildhall can start; starts nothing. Usage: setup/all.sh [run|check|test]
#   run    what the service needs     check    and the tools of `make check`, without a PBX     test    everything
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

KIND=${1:-run}
HERE=$CHECKOUT/setup
[[ $KIND == run ]] && ENVIRONMENT=run || ENVIRONMENT=dev

"$HERE/packages.sh" "$KIND"
if [[ $KIND == check ]]; then
    "$HERE/python.sh" "$ENVIRONMENT"
    exit 0
fi

# Side by side: one waits for the network while the other unpacks. The long one stays in front, so Ctrl-C reaches it.
"$HERE/python.sh" "$ENVIRONMENT" &
python=$!
"$HERE/models.sh" &
models=$!
trap 'kill "$python" "$models" 2>/dev/null || true' EXIT
result=0
"$HERE/pbx.sh" || result=$?
wait "$python" || result=$?
# Speech is the one thing Guildhall does without: callers then choose by keys.
wait "$models" || say models "NO SPEECH: the models could not be fetched (see above); callers who would be steered get the menu"
((result == 0)) || exit "$result"
say setup "ready; nothing was started (cache: $CACHE)"
