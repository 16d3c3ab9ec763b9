#!/usr/bin/env bash
# Builds kargo-agent as one file that needs no library of the system it runs on, and puts it into .build-static/.
#
# It takes Swift's static libraries, which are in its toolchains for Linux, and static ones of glibc, OpenSSL, libyaml and
# zlib, which Debian's -dev packages have.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
    echo "agent-static: $1" >&2
    exit 1
}

[[ $(uname -s) == Linux ]] || fail 'this can be done on Linux only'
toolchain=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")
[[ -f $toolchain/lib/swift_static/linux/static-executable-args.lnk ]] \
    || fail "the toolchain in $toolchain has no static libraries (lib/swift_static)"
for library in c crypto yaml z; do
    file=$("${CC:-clang}" -print-file-name="lib$library.a")
    [[ $file == /* ]] || fail "there is no lib$library.a; install libc6-dev, libssl-dev, libyaml-dev and zlib1g-dev"
done

swift build -c release --scratch-path .build-static --product kargo-agent \
    --static-swift-stdlib -Xswiftc -static-executable
program=$(swift build -c release --scratch-path .build-static --show-bin-path)/kargo-agent
strip -o .build-static/kargo-agent "$program"
if readelf -l .build-static/kargo-agent | grep -q INTERP; then fail 'the program is not static'; fi
ls -l .build-static/kargo-agent
