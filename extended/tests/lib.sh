# shellcheck shell=bash disable=SC2154
# What the end-to-end tests share. Sourced by e2e.sh, which sets $here, $work, $data, $project and $freight_alias.

have_kubectl() { command -v kubectl >/dev/null; }

# Applies a manifest as a user would: with kubectl where there is one.
apply() {
    if have_kubectl; then kubectl apply -f "$1"; else kargo apply -f "$1"; fi
}

# until_true SECONDS COMMAND…: tries a command until it succeeds.
until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >"$work/try.log" 2>&1; do
        if ((SECONDS >= deadline)); then
            cat "$work/try.log"
            echo "gave up waiting for: $*" >&2
            return 1
        fi
        sleep 0.1
    done
}

# fails COMMAND…: succeeds if the command does not.
fails() {
    if "$@"; then
        echo "succeeded, but should not have: $*" >&2
        return 1
    fi
}

# fails_with CODE COMMAND…: succeeds if the command fails with this code.
fails_with() {
    local expected=$1 code=0
    shift
    "$@" || code=$?
    same "$expected" "$code" "exit code of $*"
}

# same EXPECTED ACTUAL WHAT
same() {
    [[ $1 == "$2" ]] || {
        echo "$3: expected \"$1\", got \"$2\"" >&2
        return 1
    }
}

# contains TEXT PART WHAT
contains() {
    [[ $1 == *"$2"* ]] || {
        echo "$3: expected \"$2\" in \"$1\"" >&2
        return 1
    }
}

# make_stage NAME < STEPS: makes a Stage that takes Freight straight from the Warehouse.
make_stage() {
    {
        cat <<STAGE
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata:
  name: $1
  namespace: $project
spec:
  requestedFreight:
  - origin:
      kind: Warehouse
      name: images
    sources:
      direct: true
  promotionTemplate:
    spec:
      steps:
STAGE
        sed 's/^/      /'
    } >"$work/stage-$1.yaml"
    kargo apply -f "$work/stage-$1.yaml"
}

# install_plugin DIRECTORY NAMESPACE: builds a plugin of tests/plugins and applies its ConfigMap.
install_plugin() {
    local directory=$work/plugins/$1-$2
    mkdir -p "$directory"
    sed "s/^  namespace: .*/  namespace: $2/" "$here/plugins/$1/plugin.yaml" >"$directory/plugin.yaml"
    cp "$here/plugins/$1/server.py" "$directory/"
    kargo step-plugin build "$directory"
    apply "$(echo "$directory"/*-step-plugin-configmap.yaml)"
}

# start_promotion STAGE: promotes and sets $promotion; what runs is shown if the case fails.
start_promotion() {
    local output
    output=$(kargo promote --stage "$1" --freight-alias "$freight_alias" -p "$project")
    note_promotion "$output"
}

# promote STAGE: promotes, waits for the end, and sets $promotion; fails, with 2, unless the Promotion succeeds.
promote() {
    local output code=0
    output=$(kargo promote --stage "$1" --freight-alias "$freight_alias" -p "$project" --wait --timeout 5m) \
        || code=$?
    echo "$output"
    if [[ -n $output ]]; then note_promotion "$output"; fi
    return "$code"
}

note_promotion() {
    promotion=$(sed -n 's|^promotion\.kargo\.akuity\.io/\([^ ]*\) .*|\1|p' <<<"$1" | head -n 1)
    [[ -n $promotion ]] || {
        echo "no Promotion is named in: $1" >&2
        return 1
    }
    echo "$promotion" >"$work/promotion"
}

# field FILTER: what jq finds in the Promotion.
field() {
    kargo get promotion "$promotion" -p "$project" -o json | jq -r "$1"
}

# agent_pods: the Pods of the Promotion.
agent_pods() {
    local labels="kargo-extended.code.org/promotion-agent=true,kargo-extended.code.org/promotion=$promotion"
    kargo get pods -p "$project" -l "$labels" -o name
}

agent_pod_is_gone() { [[ -z $(agent_pods) ]]; }

# step_status INDEX, step_message INDEX
step_status() { field ".status.stepExecutionMetadata[$1].status"; }
step_message() { field ".status.stepExecutionMetadata[$1].message"; }

phase_is() { [[ $(field '.status.phase') == "$1" ]]; }
is_over() { [[ $(field '.status.phase') =~ ^(Succeeded|Failed|Errored|Aborted)$ ]]; }
step_is() { [[ $(step_status "$1") == "$2" ]]; }

# run_case TITLE FUNCTION: runs a case in a shell of its own and prints one line about it.
run_case() {
    local code begin=$SECONDS took
    : >"$work/promotion"
    set +e
    (
        set -e
        "$2"
    ) >"$work/case.log" 2>&1
    code=$?
    set -e
    took="$((SECONDS - begin)) s"
    case $code in
    0) echo "ok - $1 ($took)" ;;
    77) echo "ok - $1 # skipped: $(tail -n 1 "$work/case.log")" ;;
    *)
        echo "not ok - $1 ($took)"
        failures=$((failures + 1))
        explain_failure
        ;;
    esac
}

# skip REASON: ends the case.
skip() {
    echo "$1"
    exit 77
}

# What a reader needs to find out why a case failed.
explain_failure() {
    local promotion
    promotion=$(cat "$work/promotion")
    {
        echo "--- output of the case"
        cat "$work/case.log"
        if [[ -n $promotion ]]; then
            echo "--- promotion $promotion"
            kargo get promotion "$promotion" -p "$project" -o yaml || true
        fi
        if [[ -n $data ]]; then
            echo "--- the end of $data/controller.log"
            tail -n 40 "$data/controller.log" || true
            echo "--- the end of $data/local-cluster.log"
            tail -n 20 "$data/local-cluster.log" || true
        elif have_kubectl; then
            echo "--- the end of the controller's log"
            kubectl logs -n "$kargo_namespace" -l app.kubernetes.io/component=controller --tail 40 || true
        fi
    } 2>&1 | sed 's/^/    /'
}
