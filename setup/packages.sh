#!/usr/bin/env bash
# Installs the Debian packages Guildhall needs. Usage: setup/packages.sh [run|check|test]
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"

KIND=${1:-run}
RUN=(
    ca-certificates git python3 python3-venv
    mmdebstrap debian-archive-keyring # the PBX's root filesystem, and the keys its packages are signed with
    iproute2 util-linux               # the lab's network namespaces
    espeak-ng ffmpeg                  # spoken prompts, sound files
    baresip-core                      # the lab's phones
)
CHECK=(shellcheck)
TEST=(sip-tester mosquitto mosquitto-clients postgresql chromium softhsm2)
# These bring a system service with them; the tests start their own from the same binaries, on free ports.
SERVICES=(mosquitto postgresql)
POLICY=/usr/sbin/policy-rc.d
MARK="written by guildhall's setup/packages.sh for the time of one apt-get; safe to delete"

case $KIND in
run) WANTED=("${RUN[@]}") ;;
check) WANTED=("${RUN[@]}" "${CHECK[@]}") ;;
test) WANTED=("${RUN[@]}" "${CHECK[@]}" "${TEST[@]}") ;;
*) fail "unknown kind of packages '$KIND'" "say run, check or test" ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "this is not a Debian system: packages cannot be installed for you" \
        "use Debian 12 or 13 (Ubuntu: untested), for example in a container or a virtual machine" \
        "wanted, by Debian's names: ${WANTED[*]}"
fi

# still_missing: those of WANTED that dpkg does not hold as installed.
still_missing() {
    local have package
    have=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${WANTED[@]}" 2>/dev/null || true)
    for package in "${WANTED[@]}"; do
        [[ $'\n'"$have"$'\n' == *$'\n'"$package installed"$'\n'* ]] || echo "$package"
    done
}

MISSING=$(still_missing)
if [[ -z $MISSING ]]; then
    say packages "all ${#WANTED[@]} are there"
    exit 0
fi

# shellcheck source=/dev/null
[[ $(. /etc/os-release && echo "${ID:-}") == debian ]] ||
    say packages "note: this is not Debian but a relative (Ubuntu: untested); going on"
say packages "to install: ${MISSING//$'\n'/ }"
need_root "install Debian packages"
alone packages

# A package with a daemon starts it on installation. We never want a system service started by us: policy-rc.d is Debian's
# own way to forbid it (invoke-rc.d(8)). A machine that has such a policy keeps its own.
# shellcheck disable=SC2329  # called by the trap below
policy_away() { ! grep -qsF "$MARK" "$POLICY" || as_root rm -f "$POLICY"; }
trap policy_away EXIT
if [[ ! -e $POLICY ]]; then
    printf '#!/bin/sh\n# %s\nexit 101\n' "$MARK" | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
fi

# apt STEP-IN-WORDS ARGUMENTS…: apt-get without questions, waiting for another apt to finish.
apt() {
    local log="$CACHE/apt-$1.log" doing=$1
    shift
    watched packages "$log" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" && return 0
    tail -n 15 "$log" >&2
    fail "apt-get could not $doing (the whole output: $log)" \
        "check the network, /etc/apt/sources.list and sources.list.d; then run the same command again" \
        "or install them yourself: apt-get install ${WANTED[*]}"
}

say packages "apt-get update"
apt update update
say packages "apt-get install"
# shellcheck disable=SC2086  # one name a line: meant to fall apart into words
apt install install --no-install-recommends $MISSING

# Not started now, and not by the next boot either. One that was here before us is left as it was.
for service in "${SERVICES[@]}"; do
    if grep -qx "$service" <<<"$MISSING"; then
        as_root update-rc.d "$service" disable >/dev/null 2>&1 || true
        say packages "$service is installed for the tests; its system service stays off"
    fi
done

MISSING=$(still_missing)
[[ -z $MISSING ]] || fail "apt-get said yes, but these are still missing: ${MISSING//$'\n'/ }" \
    "look at $CACHE/apt-install.log"
say packages "done"
