#!/usr/bin/env bash
# Runs everything end to end, through the command line tool: on a local cluster of its own, or on the cluster of the
# kubeconfig in E2E_KUBECONFIG, which Kargo must be installed on.
#
#   STEPPLUGINS_ONLY=true   only what step plugins need and do
#   STEPPLUGINS_SKIP=true   everything but step plugins
#   KARGO_NAMESPACE         where the controller of a foreign cluster is (kargo)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$(cd "$here/../.." && pwd)/.build/debug:$PATH
unset KUBECONFIG

work=$(mktemp -d)
data=
failures=0
started=$(date +%s)
project=kargo-e2e-$started
freight_alias=stepplugin-smoke-$started
# shellcheck disable=SC2034
system_namespace=${SYSTEM_RESOURCES_NAMESPACE:-kargo-system-resources}
# shellcheck disable=SC2034
kargo_namespace=${KARGO_NAMESPACE:-kargo}
promotion=

# shellcheck source-path=SCRIPTDIR
source "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR
source "$here/e2e_stepplugins.sh"
# shellcheck source-path=SCRIPTDIR
source "$here/e2e_credentials.sh"
# shellcheck source-path=SCRIPTDIR
source "$here/e2e_argocd.sh"

cleanup() {
    local code=$?
    set +e
    if [[ -n $data ]]; then
        kargo local down --data-dir "$data" >/dev/null 2>&1
    else
        stepplugins_cleanup >/dev/null 2>&1
        kargo delete -f "$work/project.yaml" >/dev/null 2>&1
    fi
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

case_tools() {
    command -v kargo
    command -v jq
    if [[ -z $data ]]; then kubectl cluster-info; fi
}

case_version() {
    contains "$(kargo version)" "kargo" "kargo version"
    contains "$(kargo --version)" "kargo" "kargo --version"
}

case_project() {
    local output
    output=$(kargo create project "$project")
    same "project.kargo.akuity.io/$project created" "$output" "kargo create project"
    same "$project" "$(kargo get project "$project" -o json | jq -r .metadata.name)" "the Project's name"
    contains "$(kargo get project "$project" -o yaml)" "kind: Project" "the Project as YAML"
    contains "$(kargo get projects)" "NAME" "the table of Projects"
    contains "$(kargo get projects)" "$project" "the table of Projects"
    kargo get namespace "$project"
    bind_project
}

# On a cluster that extended/deploy was applied to, the controller works only where it is bound.
bind_project() {
    [[ -z $data ]] || return 0
    kubectl get clusterrole kargo-controller-project --ignore-not-found -o name | grep . || return 0
    kubectl apply -n "$project" -k "$here/../deploy/project"
}

case_warehouse() {
    cat >"$work/warehouse.yaml" <<WAREHOUSE
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata:
  name: images
  namespace: $project
spec:
  freightCreationPolicy: Manual
  subscriptions:
  - image:
      repoURL: nginx
WAREHOUSE
    contains "$(kargo apply -f "$work/warehouse.yaml")" "warehouse.kargo.akuity.io/images created" "the first apply"
    kargo apply -f "$work/warehouse.yaml"
    same images "$(kargo get warehouse images -p "$project" -o json | jq -r .metadata.name)" "the Warehouse's name"
}

freight_exists() {
    kargo get freight -p "$project" -o json \
        | jq -e --arg alias "$freight_alias" '[(.items // [.])[] | select(.alias == $alias)] | length == 1'
}

case_freight() {
    cat >"$work/freight.yaml" <<FREIGHT
apiVersion: kargo.akuity.io/v1alpha1
kind: Freight
metadata:
  name: placeholder
  namespace: $project
alias: $freight_alias
origin:
  kind: Warehouse
  name: images
images:
- repoURL: nginx
  tag: 1.27.0
FREIGHT
    apply "$work/freight.yaml"
    until_true 20 freight_exists
}

case_stages() {
    make_stage dev <<'STEPS'
- uses: compose-output
  as: compose
  config:
    release: ${{ ctx.targetFreight.alias }}
- uses: file-write
  config:
    path: values.yaml
    contents: |
      release: none  # what runs now
- uses: yaml-update
  config:
    path: values.yaml
    updates:
    - key: release
      value: ${{ outputs.compose.release }}
- uses: yaml-parse
  as: parse
  config:
    path: values.yaml
    outputs:
    - name: release
      fromExpression: release
STEPS
    # A kind that nobody knows is a matter of the Promotion, not of the Stage.
    make_stage strange <<'STEPS'
- uses: fake-step
STEPS
    local table
    table=$(kargo get stages -p "$project")
    contains "$table" "dev" "the table of Stages"
    contains "$table" "strange" "the table of Stages"
    same dev "$(kargo get stage dev -p "$project" -o json | jq -r .metadata.name)" "the Stage's name"
}

case_builtin_promotion() {
    promote dev
    same Succeeded "$(field .status.phase)" "the phase"
    same "$freight_alias" "$(field .status.state.parse.release)" "the release in the file"
    same "Succeeded Succeeded Succeeded Succeeded" \
        "$(field '[.status.stepExecutionMetadata[].status] | join(" ")')" "the steps"
    same "" "$(kargo get pods -p "$project" -o name)" "the Pods of a Promotion without plugins"
}

case_promotion_by_name() {
    local freight output
    freight=$(kargo get freight -p "$project" -o json | jq -r '(.items // [.])[0].metadata.name')
    output=$(kargo promote --stage dev --freight "$freight" -p "$project" --wait)
    note_promotion "$output"
    same Succeeded "$(field .status.phase)" "the phase"
    contains "$(kargo get promotions -p "$project")" "$promotion" "the table of Promotions"
}

case_unknown_kind() {
    fails_with 2 promote strange
    same Errored "$(field .status.phase)" "the phase"
    contains "$(field .status.message)" "fake-step" "the message"
}

case_failing_step() {
    make_stage failing <<'STEPS'
- uses: fail
  config:
    message: on purpose
- uses: compose-output
  config:
    reached: true
- uses: compose-output
  as: cleanup
  if: ${{ always() }}
  config:
    reached: true
STEPS
    fails_with 2 promote failing
    same Failed "$(field .status.phase)" "the phase"
    contains "$(field .status.message)" "on purpose" "the message"
    same Skipped "$(step_status 1)" "the step after"
    same true "$(field .status.state.cleanup.reached)" "the output of the step that always runs"
}

case_expressions() {
    cat >"$work/data.yaml" <<DATA
apiVersion: v1
kind: Secret
metadata:
  name: credentials
  namespace: $project
stringData:
  token: swordfish-9
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: $project
data:
  region: eu-1
DATA
    apply "$work/data.yaml"
    make_stage reading <<'STEPS'
- uses: compose-output
  as: image
  config:
    image: ${{ imageFrom("nginx").RepoURL }}:${{ imageFrom("nginx", warehouse("images")).Tag }}
    region: ${{ configMap("settings").region }}
    none: ${{ quote(secret("none").token) }}
- uses: fail
  config:
    message: ${{ outputs.image.region }} refused ${{ secret("credentials").token }}
STEPS
    local outline
    outline=$(kargo promote --stage reading --freight-alias "$freight_alias" -p "$project" --dry-run)
    contains "$outline" "image: nginx:1.27.0" "what would be done"
    # shellcheck disable=SC2016
    contains "$outline" '${{ outputs.image.region }} refused ***' "what would be done"
    same nginx:1.27.0 "$(kargo eval -r 'imageFrom("nginx").RepoURL + ":" + imageFrom("nginx").Tag' --stage reading \
        --freight-alias "$freight_alias" -p "$project")" "kargo eval"
    fails_with 2 promote reading >"$work/promote.log"
    same nginx:1.27.0 "$(field .status.state.image.image)" "the image"
    same eu-1 "$(field .status.state.image.region)" "the region"
    contains "$(field .status.message)" "eu-1 refused ***" "the message"
    fails grep -rs swordfish "$work/promote.log" "$data"/*.log
}

case_verified_downstream() {
    cat >"$work/staging.yaml" <<STAGE
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata:
  name: staging
  namespace: $project
spec:
  requestedFreight:
  - origin:
      kind: Warehouse
      name: images
    sources:
      stages:
      - failing
  promotionTemplate:
    spec:
      steps:
      - uses: compose-output
        config:
          reached: true
STAGE
    kargo apply -f "$work/staging.yaml"
    # The Stage before never had the Freight, so nobody may have it until it is approved.
    fails_with 1 promote staging
    kargo approve --freight-alias "$freight_alias" --stage staging -p "$project"
    promote staging
}

case_errors() {
    fails_with 1 kargo get project "no-such-$project"
    fails_with 1 kargo get stage no-such-stage -p "$project"
    fails_with 1 kargo get no-such-kind -p "$project"
    fails_with 1 kargo promote --stage no-such-stage --freight-alias "$freight_alias" -p "$project"
    fails_with 1 kargo promote --stage dev --freight-alias no-such-alias -p "$project"
    fails_with 1 kargo apply -f "$work/no-such-file.yaml"
    fails_with 64 kargo promote --stage dev -p "$project"
    fails_with 64 kargo no-such-command
}

project_is_gone() {
    ! kargo get project "$project" && ! kargo get namespace "$project"
}

case_delete_project() {
    contains "$(kargo delete -f "$work/project.yaml")" "project.kargo.akuity.io/$project deleted" "kargo delete"
    until_true 60 project_is_gone
}

if [[ -n ${E2E_KUBECONFIG:-} ]]; then
    export KUBECONFIG=$E2E_KUBECONFIG
else
    data=$work/data
    # The git server of the tests is on loopback, without TLS.
    export ALLOW_CREDENTIALS_OVER_HTTP=true
    kargo local up --detach --data-dir "$data" >"$work/up.log" 2>&1 || {
        cat "$work/up.log" >&2
        exit 1
    }
    KUBECONFIG=$(kargo local status --data-dir "$data" -o json | jq -r .kubeconfig)
    export KUBECONFIG
    install_argocd >"$work/argocd.log"
fi

cat >"$work/project.yaml" <<PROJECT
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata:
  name: $project
PROJECT

run_case "the tools are there" case_tools
run_case "kargo says its version" case_version
run_case "a Project is made, and its namespace with it" case_project
run_case "a Warehouse is applied, twice" case_warehouse
run_case "Freight is found by its alias" case_freight
if [[ ${STEPPLUGINS_ONLY:-} != true ]]; then
    run_case "Stages are applied, one of a kind of step that nobody knows" case_stages
    run_case "a Promotion of builtin steps succeeds, without a Pod" case_builtin_promotion
    run_case "Freight is promoted by its name" case_promotion_by_name
    run_case "a Promotion with a step of an unknown kind says so" case_unknown_kind
    run_case "a step that fails fails the Promotion, and only what always runs runs after it" case_failing_step
    run_case "expressions read the Freight and the Project, and no Secret is told" case_expressions
    run_case "Freight that is in no Stage before is promoted when it is approved" case_verified_downstream
    run_case "a Promotion has Argo CD sync an Application, whose health is that of the Stage" case_argocd
    run_case "what is not there, or not allowed, is an error" case_errors
fi
if [[ ${STEPPLUGINS_SKIP:-} != true ]]; then
    run_stepplugins
    run_credentials
fi
if [[ ${STEPPLUGINS_ONLY:-} != true ]]; then
    run_case "a Project is deleted, and its namespace with it" case_delete_project
fi

if ((failures)); then
    echo "$failures failed"
    exit 1
fi
echo "all passed"
