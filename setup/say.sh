# shellcheck shell=bash
# What every script of this folder shares: where things lie, how it speaks, fails, waits and becomes root. Sourced.

# One language for what we parse (dates, numbers, apt's and Asterisk's output).
export LC_ALL=C.UTF-8

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${GUILDHALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/guildhall}
case $CACHE in /*) ;; *) CACHE=$PWD/$CACHE ;; esac
mkdir -p "$CACHE"
export CHECKOUT CACHE
# The scripts of one `make setup` count their seconds from the same start.
export GUILDHALL_STARTED=${GUILDHALL_STARTED:-${EPOCHREALTIME/./}}

# say STEP TEXT: one progress line with the seconds since the start.
say() {
    local tenths=$(((${EPOCHREALTIME/./} - GUILDHALL_STARTED) / 100000))
    printf '[%3d.%d s] %-8s %s\n' $((tenths / 10)) $((tenths % 10)) "$1" "$2"
}

# fail WHAT DO…: what went wrong, then what to do next, a line each; ends the script.
fail() {
    printf '\nsetup: %s\n' "$1" >&2
    shift
    (($# == 0)) || printf '  to do: %s\n' "$@" >&2
    exit 1
}

# need_root REASON: says why root is needed before sudo can ask for a password.
need_root() {
    ((EUID != 0)) || return 0
    command -v sudo >/dev/null || fail "root is needed to $1, and there is no sudo here" \
        "run the same command as root"
    sudo -n true 2>/dev/null && return 0
    say sudo "root is needed to $1: sudo may ask for your password now"
    sudo -v || fail "sudo refused" "run the same command as root"
}

# as_root COMMAND…: sudo drops the environment, so the proxies are handed on by name.
as_root() {
    if ((EUID == 0)); then
        "$@"
        return
    fi
    local kept=() name
    for name in http_proxy https_proxy no_proxy; do
        [[ -z ${!name:-} ]] || kept+=("$name=${!name}")
    done
    sudo env "${kept[@]}" "$@"
}

# watched STEP LOG COMMAND…: output goes to LOG; shown are lines that begin with "I: " and a sign of life every 5 s.
watched() {
    local step=$1 log=$2 line begun=$SECONDS
    shift 2
    : >"$log"
    # The reader outlives Ctrl-C: it ends when the last writer has, so that clean-up never races with the command's own.
    "$@" 2>&1 </dev/null | (
        trap '' INT TERM
        while :; do
            if IFS= read -r -t 5 line; then
                printf '%s\n' "$line" >>"$log"
                [[ $line != "I: "* ]] || say "$step" "${line#I: }"
            elif (($? > 128)); then # the time is up, no more; what was read so far is in line
                printf '%s' "$line" >>"$log"
                say "$step" "… still at it, $((SECONDS - begun)) s"
            else
                printf '%s' "$line" >>"$log"
                break
            fi
        done
    )
}

# alone NAME: one process at a time past this point, on descriptor 9; the kernel lets go when the script ends.
alone() {
    exec 9>"$CACHE/$1.lock"
    flock -n 9 && return 0
    say "$1" "another setup is at the same step; waiting for it"
    flock 9
}

# digest TEXT…: twelve hexadecimal digits that change when the text does.
digest() {
    local sum
    sum=$(printf '%s\n' "$@" | sha256sum)
    printf '%s\n' "${sum:0:12}"
}
