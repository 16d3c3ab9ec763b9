#!/usr/bin/env bash
# Feeds the readers of KargoCore with what libFuzzer makes up, so many seconds for each of them.
#
#   scripts/fuzz.sh [SECONDS [TARGET]…]     60 seconds, all targets
#
# An input that breaks something is kept in .build-fuzz/artifacts; to try it again:
#   .build-fuzz/release/Fuzz --target=TARGET FILE
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
targets=("$@")
((${#targets[@]})) || targets=(grammar expression template regex values json yaml)

# Optimised, since speed finds more, and with checks: a trap is what is looked for.
swift build -c release --sanitize fuzzer --package-path Fuzz --scratch-path .build-fuzz --product Fuzz

found=0
for target in "${targets[@]}"; do
    work=.build-fuzz/corpus/$target
    seeds=Fuzz/Corpus/$target
    [[ $target != grammar ]] || seeds=
    mkdir -p "$work" ".build-fuzz/artifacts/$target"
    echo "== $target"
    # shellcheck disable=SC2086
    .build-fuzz/release/Fuzz "--target=$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -max_len=4096 -dict=Fuzz/expressions.dict -print_final_stats=0 -verbosity=0 \
        -artifact_prefix=".build-fuzz/artifacts/$target/" "$work" $seeds || {
        found=1
        echo "$target: something broke; see .build-fuzz/artifacts/$target" >&2
    }
done
exit $found
