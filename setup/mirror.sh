# shellcheck shell=bash
# Where the PBX's packages come from, and how this machine's apt reaches it. Sourced by setup/pbx.sh after say.sh.

# candidates: the archives apt uses for this machine's own release. apt parses its own files, so every form of them counts.
candidates() {
    local codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016  # apt fills these in
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        while read -r release component uri; do
            [[ $component == main && $uri == http*://* ]] || continue
            case $release in "$codename" | stable | oldstable | testing | unstable) echo "${uri%/}" ;; esac
        done | sort -u
}

# find_mirror SUITE FILE: prints the first archive that has Debian's SUITE; its InRelease is left in FILE.
find_mirror() {
    local suite=$1 file=$2 uri
    for uri in ${GUILDHALL_DEBIAN_MIRROR:-$(candidates)}; do
        uri=${uri%/}
        # apt's own fetcher: proxies and certificates as this machine's apt has them.
        /usr/lib/apt/apt-helper -q download-file "$uri/dists/$suite/InRelease" "$file" >"$CACHE/mirror.log" 2>&1 || continue
        if grep -qx 'Origin: Debian' "$file" && grep -qx "Codename: $suite" "$file"; then
            echo "$uri"
            return 0
        fi
    done
    fail "none of this machine's apt sources is a Debian mirror that answers for $suite (last answer: $CACHE/mirror.log)" \
        "check the network and /etc/apt/sources.list.d" \
        "or name a mirror: GUILDHALL_DEBIAN_MIRROR=http://… make setup" \
        "or install Asterisk 22 or newer yourself: it is used where it is found"
}

# apt_network_options: mmdebstrap does not read this machine's apt settings; its proxies and certificates are handed on.
apt_network_options() {
    local line
    while IFS= read -r line; do
        APT_OPTIONS+=("--aptopt=$line")
    done < <(apt-config dump | grep -E '^Acquire::https?::.* "[^"]+";$' | sed 's/;$//')
}

# debian_keys: the keyring the machine's own packages are checked with (.pgp is its name from Debian 13 on).
debian_keys() {
    local file
    for file in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
        [[ ! -f $file ]] || { echo "$file" && return 0; }
    done
    fail "Debian's archive keys are missing" "apt-get install debian-archive-keyring"
}
