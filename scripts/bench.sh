#!/usr/bin/env bash
# Builds for release, in a directory of its own, and prints the measures of the README.
#
#   scripts/bench.sh [quick-start|expressions|local-cluster|steps]…     all of them
set -euo pipefail
cd "$(dirname "$0")/.."

names=("$@")
((${#names[@]})) || names=(expressions steps local-cluster quick-start)
for name in "${names[@]}"; do
    case $name in
        quick-start) product=QuickStart ;;
        expressions) product=Expressions ;;
        local-cluster) product=LocalClusterBenchmark ;;
        steps) product=Steps ;;
        *)
            echo "there is no benchmark \"$name\"" >&2
            exit 64
            ;;
    esac
    swift build -c release --package-path Benchmarks --scratch-path .build-bench --product "$product"
    # They measure programs that lie beside them.
    for program in kargo kargo-agent kargo-controller; do
        [[ $name == expressions || $name == steps ]] \
            || swift build -c release --package-path Benchmarks --scratch-path .build-bench --product "$program"
    done
    .build-bench/release/"$product"
done
