#!/usr/bin/env bash
# Feeds the readers of KargoCore with what libFuzzer makes up, so many seconds for each of them.
#
#   scripts/fuzz.sh [SECONDS [TARGET]…]     60 seconds, all targets
#
# An input that breaks something is kept in .build-fuzz/artifacts, and how to try it again is printed.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
((${#targets[@]})) || targets=(grammar expression template regex values json yaml)

# Optimised, since speed finds more, and with assertions besides the checks that any build has.
swift build -c release --jobs 2 --sanitize fuzzer --package-path Fuzz --scratch-path .build-fuzz --product Fuzz \
    -Xswiftc -assert-config -Xswiftc Debug
fuzz=.build-fuzz/release/Fuzz

# A trap is for libFuzzer, which keeps the input; Swift's backtracer would end the process before it.
export SWIFT_BACKTRACE=enable=no
found=0
for target in "${targets[@]}"; do
    artifacts=.build-fuzz/artifacts/$target
    # What is found to be new goes to the first directory, for the next time.
    corpora=(".build-fuzz/corpus/$target")
    mkdir -p "${corpora[0]}" "$artifacts"
    [[ ! -d Fuzz/Corpus/$target ]] || corpora+=("Fuzz/Corpus/$target")
    options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096)
    [[ $target != expression && $target != template ]] || options+=(-dict=Fuzz/expressions.dict)
    echo "== $target"
    log=.build-fuzz/$target.log
    if "$fuzz" --target="$target" "${options[@]}" -artifact_prefix="$artifacts/" "${corpora[@]}" >"$log" 2>&1; then
        grep -a '^Done' "$log"
        continue
    fi
    found=1
    grep -a -m 3 -E 'Fatal error|ERROR|^SUMMARY' "$log" || tail -n 20 "$log"
    input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    echo "more of it is in $log; again with: SWIFT_BACKTRACE=$SWIFT_BACKTRACE $fuzz --target=$target $input"
done
exit $found
