#!/usr/bin/env bash
# Builds everything for release, in a directory of its own, and prints the measures of the README.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --package-path Benchmarks --scratch-path .build-bench
exec .build-bench/release/QuickStart "$@"
