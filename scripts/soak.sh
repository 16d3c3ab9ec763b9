#!/usr/bin/env bash
# Kills a local cluster while many write to it, again and again, and looks for what is lost or torn. It also looks
# at how long each start takes, so the cluster is built for release.
#
#   scripts/soak.sh [KILLS [OBJECTS]]     200 kills, 10,000 objects
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --package-path Benchmarks --scratch-path .build-bench --product LocalClusterBenchmark
swift build --build-tests
export KARGO_CONTROLLER_EXECUTABLE=$PWD/.build-bench/release/kargo-controller
export KARGO_SOAK_KILLS=${1:-200} KARGO_SOAK_OBJECTS=${2:-10000} KARGO_SOAK_START_MILLISECONDS=1000
exec swift test --skip-build --filter DurabilityIntegrationTests
