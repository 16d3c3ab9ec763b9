#!/usr/bin/env bash
# The README's quick start, command by command, on a cluster of its own that is gone afterwards.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$root/.build/debug:$PATH
unset KUBECONFIG

work=$(mktemp -d)
cleanup() {
    local code=$?
    set +e
    kargo local down --data-dir "$work/.kargo" >/dev/null 2>&1
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The files of the quick start, so that nothing is written into the repository.
mkdir -p "$work/extended/plugins" "$work/extended/examples"
cp -R "$root/extended/plugins/mkdir" "$work/extended/plugins/"
cp -R "$root/extended/examples/quick-start" "$work/extended/examples/"
cd "$work"

bold=''
plain=''
if [[ -t 1 ]]; then bold=$'\033[1m' plain=$'\033[0m'; fi
show() { printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"; }
run() {
    show "$@"
    "$@"
}
# shellcheck disable=SC2016
show 'eval "$(kargo local up --detach)"'
eval "$(kargo local up --detach)"

run cat extended/plugins/mkdir/plugin.yaml
run cat extended/plugins/mkdir/server.py
run kargo step-plugin build extended/plugins/mkdir
apply=kubectl
command -v kubectl >/dev/null || apply=kargo
run "$apply" apply -f extended/plugins/mkdir/mkdir-step-plugin-configmap.yaml
run kargo apply -f extended/examples/quick-start/kargo.yaml

show kargo promote --project kargo-demo --stage demo --freight-alias first --wait
kargo promote --project kargo-demo --stage demo --freight-alias first --wait | tee promote.log
promotion=$(sed -n 's|^promotion\.kargo\.akuity\.io/\([^ ]*\) .*|\1|p' promote.log | head -n 1)

show kargo get promotion "$promotion" -p kargo-demo
kargo get promotion "$promotion" -p kargo-demo -o json | jq -r '
    def seconds: if .startedAt and .finishedAt
        then "\((.finishedAt | fromdate) - (.startedAt | fromdate)) s" else "" end;
    ["STEP", "KIND", "STATUS", "TOOK", "MESSAGE"],
    (.spec.steps as $steps | .status.stepExecutionMetadata | to_entries[]
        | [.value.alias, $steps[.key].uses, .value.status, (.value | seconds), .value.message // ""])
    | @tsv' | awk -F '\t' '{ printf "%-18s %-12s %-10s %-6s %s\n", $1, $2, $3, $4, $5 }'
