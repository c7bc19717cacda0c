#!/usr/bin/env bash
# The PBX: an Asterisk >= 22 of this machine, or else one in a Debian root filesystem of our own in the cache.
# Writes the file "pbx" in the cache: the word "native", or the path of the root to chroot into.
set -euo pipefail
# shellcheck source=setup/say.sh
source "$(dirname "${BASH_SOURCE[0]}")/say.sh"
# shellcheck source=setup/mirror.sh
source "$(dirname "${BASH_SOURCE[0]}")/mirror.sh"

MINIMUM=22
SUITE=forky
INCLUDE=asterisk,asterisk-core-sounds-en-wav,ca-certificates
STRICT=${STRICT_MIRROR:-0}
# Another recipe, or a stricter wish, is another folder: what runs now is never changed under it.
PLACE=$CACHE/pbx-$SUITE-$(digest "$SUITE minbase $INCLUDE $(uname -m) strict=$STRICT")
PARTIAL=$PLACE.partial

# major VERSION-LINE: "Asterisk 22.10.1~dfsg" and "Asterisk certified/20.7-cert1" give 22 and 20; anything else gives 0.
major() { if [[ $1 =~ ^Asterisk[^0-9]*([0-9]+) ]]; then echo "${BASH_REMATCH[1]}"; else echo 0; fi; }

# point_to WHERE: written whole or not at all, as other checkouts read it too.
point_to() {
    printf '%s\n' "$1" >"$CACHE/pbx.$$" && mv "$CACHE/pbx.$$" "$CACHE/pbx"
}

# Asterisk resolves its own host name for every SDP; a name missing in its hosts file costs 0.3-0.8 s a call.
know_own_name() {
    local name hosts=$1/etc/hosts
    name=$(uname -n)
    ! grep -qsw -- "$name" "$hosts" || return 0
    need_root "write this machine's name into the PBX's own hosts file"
    printf '127.0.0.1 localhost %s\n' "$name" | as_root tee -a "$hosts" >/dev/null
}

# A user of its own on this machine. The root's own `asterisk` would not do: its uid belongs to somebody else out here
# (to postgres, on one machine this was tried on).
own_user() {
    ! id -u guildhall-pbx >/dev/null 2>&1 || return 0
    need_root "make the user guildhall-pbx, whom Asterisk runs as"
    as_root useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin guildhall-pbx
}

use_native() {
    local binary version
    binary=$(PATH=$PATH:/usr/sbin:/sbin command -v asterisk) || return 1
    version=$("$binary" -V 2>/dev/null) || version="an Asterisk that does not tell its version"
    if (($(major "$version") < MINIMUM)); then
        say pbx "$version is installed, but $MINIMUM or newer is needed: using an own one beside it"
        return 1
    fi
    point_to native
    say pbx "$version, installed on this machine"
}

use_made() {
    [[ -f $PLACE/made ]] || return 1
    know_own_name "$PLACE/root"
    point_to "$PLACE/root"
    say pbx "in the cache: $(<"$PLACE/made")"
}

# freshness RELEASE-FILE: adds to APT_OPTIONS and NOTE. Checked here, so that no time goes into a doomed build.
freshness() {
    local until
    until=$(sed -n 's/^Valid-Until: //p' "$1" | head -n 1)
    [[ -n $until ]] || return 0
    (($(date -u -d "$until" +%s) < $(date -u +%s))) || return 0
    say pbx "The mirror's Release file expired on $until: signatures are still checked, freshness is not"
    [[ $STRICT != 1 ]] || fail "STRICT_MIRROR=1 refuses a mirror whose Release file has expired" \
        "name a mirror that is up to date: GUILDHALL_DEBIAN_MIRROR=http://… make setup" \
        "or install Asterisk $MINIMUM or newer yourself: it is used where it is found" \
        "or leave STRICT_MIRROR out"
    APT_OPTIONS+=(--aptopt='Acquire::Check-Valid-Until "false"')
    NOTE=" (made from a mirror whose Release file expired on $until)" # said again on every later setup
}

room() {
    local free
    free=$(df --output=avail -m "$CACHE" | tail -n 1)
    ((free > 1000)) || fail "the cache $CACHE has only $free MB free; the PBX wants 1000 while it is made" \
        "make room, or name another place: GUILDHALL_CACHE=/path make setup"
}

# away: removes a half-made root. Interrupted, mmdebstrap 1.3 leaves its /proc, /sys and /dev mounts behind (seen here); a
# mount namespace would hide them, but cannot be had inside a chroot.
away() {
    local mounted
    [[ -e $PARTIAL ]] || return 0
    while IFS= read -r mounted; do
        as_root umount --lazy "$mounted" || true
    done < <(cut -d ' ' -f 2 /proc/mounts | grep -F "$PARTIAL/" | sort -r)
    rm -rf --one-file-system "$PARTIAL" 2>/dev/null || as_root rm -rf --one-file-system "$PARTIAL"
}

build() {
    local log=$CACHE/pbx-build.log keys mirror version
    APT_OPTIONS=()
    NOTE=
    room
    trap away EXIT
    away # what an interrupted run left behind is never used
    mkdir -p "$PARTIAL"
    mirror=$(find_mirror "$SUITE" "$PARTIAL/InRelease")
    freshness "$PARTIAL/InRelease"
    apt_network_options # adds to APT_OPTIONS
    keys=$(debian_keys)
    need_root "make the PBX's root filesystem"
    say pbx "making a Debian $SUITE root filesystem with Asterisk (about 400 MB, 30-60 s)"
    watched pbx "$log" as_root mmdebstrap --mode=root --variant=minbase --format=directory --include="$INCLUDE" \
        "${APT_OPTIONS[@]}" "$SUITE" "$PARTIAL/root" "deb [signed-by=$keys] $mirror $SUITE main" || {
        tail -n 15 "$log" >&2
        ! grep -q NO_PUBKEY "$log" || fail "the mirror's signature is by a key this machine does not know" \
            "apt-get install --only-upgrade debian-archive-keyring, then run this again"
        fail "mmdebstrap failed or was interrupted (the whole output: $log)" \
            "check network and mirror, then run this again" \
            "or install Asterisk $MINIMUM or newer yourself: it is used where it is found"
    }
    version=$(as_root chroot "$PARTIAL/root" asterisk -V) || fail "the new PBX does not start" "see $log"
    (($(major "$version") >= MINIMUM)) || fail "the mirror has $version; $MINIMUM or newer is needed" \
        "name a mirror that is up to date: GUILDHALL_DEBIAN_MIRROR=http://… make setup"
    printf '%s\n' "$version$NOTE" >"$PARTIAL/made"
    mv -T "$PARTIAL" "$PLACE"
}

own_user
if use_native || use_made; then exit 0; fi
alone pbx
[[ -f $PLACE/made ]] || build
use_made
