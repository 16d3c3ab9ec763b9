#!/usr/bin/env bash
# Runs the tests that were built, and at the end says again what failed.
#
#   scripts/test.sh [OPTION]...     options of swift test
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${SWIFT:-swift}" test --skip-build "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if ((status)); then
    echo
    echo "What failed:"
    grep -A 4 -E '^✘ Test .* recorded an issue|Fatal error|^error: ' "$log" | grep -vE '^(◇|✔|--)' | cut -c1-1000
fi
exit "$status"
