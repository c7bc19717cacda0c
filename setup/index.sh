# shellcheck shell=bash
# How uv reaches the package index. Sourced after say.sh by those who run uv.

# use_pips_network UV: pip may be told of an index or a certificate authority of the house; uv is told of the same.
use_pips_network() {
    local python index certificates
    python=$(dirname "$1")/python
    index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}}
    [[ -z $index ]] || export UV_DEFAULT_INDEX=$index
    certificates=${SSL_CERT_FILE:-${PIP_CERT:-$("$python" -m pip config get global.cert 2>/dev/null || true)}}
    [[ -z $certificates ]] || export SSL_CERT_FILE=$certificates
    # The machine's own certificates, not a list inside uv. No Python is downloaded: the one we found is the one we use.
    export UV_SYSTEM_CERTS=1 UV_PYTHON_DOWNLOADS=never
}
