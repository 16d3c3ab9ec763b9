#!/usr/bin/env bash
# Kills what may be killed, again and again, and looks for what is lost, torn, done twice or left behind.
#
#   scripts/soak.sh promotions [KILLS [PROMOTIONS [SEED]]]
#       the controller while Promotions run, of builtin steps and of plugins, that succeed, wait, fail, are tried again
#       and are aborted: 200 kills, 500 Promotions. The seed decides when it is killed, and is printed.
#   scripts/soak.sh cluster [KILLS [OBJECTS]]
#       a local cluster while many write to it: 200 kills, 10,000 objects. It also looks at how long each start takes,
#       so the cluster is built for release.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
    promotions)
        swift build --build-tests
        export KARGO_SOAK_PROMOTION_KILLS=${2:-200} KARGO_SOAK_PROMOTIONS=${3:-500} KARGO_SOAK_SEED=${4:-$RANDOM}
        echo "seed $KARGO_SOAK_SEED"
        exec swift test --skip-build --filter CrashIntegrationTests
        ;;
    cluster)
        swift build -c release --package-path Benchmarks --scratch-path .build-bench --product LocalClusterBenchmark
        swift build --build-tests
        export KARGO_CONTROLLER_EXECUTABLE=$PWD/.build-bench/release/kargo-controller
        export KARGO_SOAK_KILLS=${2:-200} KARGO_SOAK_OBJECTS=${3:-10000} KARGO_SOAK_START_MILLISECONDS=1000
        exec swift test --skip-build --filter DurabilityIntegrationTests
        ;;
    *)
        echo "usage: scripts/soak.sh promotions|cluster [KILLS …]" >&2
        exit 64
        ;;
esac
