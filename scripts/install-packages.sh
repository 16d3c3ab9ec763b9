#!/usr/bin/env bash
# Installs the Debian packages that are missing, those of the arguments too. Does nothing where none is, and on systems
# that are not Debian.
set -euo pipefail

command -v dpkg-query >/dev/null || exit 0

missing=()
for package in git jq libsqlite3-dev libssl-dev libyaml-dev pkg-config python3 util-linux zlib1g-dev "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

sudo=()
[[ $(id -u) == 0 ]] || sudo=(sudo)
echo "Installing ${missing[*]}"
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
