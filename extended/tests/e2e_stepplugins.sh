# shellcheck shell=bash disable=SC2154
# Step plugins end to end. Sourced by e2e.sh, which has made the Project, the Warehouse "images" and the Freight.

smoke_stage=test-stepplugin-${started:-0}
mkdir_configmap=mkdir-step-plugin

run_stepplugins() {
    echo "STEPPLUGIN_E2E_START"
    local before=$failures
    if [[ -z $data ]]; then
        run_case "plugins: the controller is found" case_controller
    fi
    run_case "plugins: kargo step-plugin build writes a ConfigMap and a README" case_build
    run_case "plugins: the ConfigMap is applied" case_install
    run_case "plugins: a Promotion runs a plugin's step and a builtin one" case_smoke
    run_case "plugins: a PromotionTask uses a plugin" case_task
    run_case "plugins: a plugin writes into what a builtin step made" case_builtin_then_plugin
    run_case "plugins: a builtin step writes into what a plugin made" case_plugin_then_builtin
    run_case "plugins: two plugins in one Promotion" case_two_plugins
    run_case "plugins: two Promotions use the same plugin at once" case_same_plugin_twice
    run_case "plugins: two plugins on one port can't share a Promotion" case_same_port
    run_case "plugins: the plugin of a Project goes before that for all Projects" case_override
    run_case "plugins: an invalid ConfigMap spoils only what uses it" case_invalid
    run_case "plugins: a plugin that answers 503 twice is asked again" case_flaky
    run_case "plugins: a plugin that never answers runs into the timeout" case_silent
    run_case "plugins: a Promotion is aborted while a plugin's step runs" case_abort
    run_case "plugins: the controller is killed while a plugin's step runs" case_kill_controller
    run_case "plugins: the local cluster is killed while a plugin's step runs" case_kill_cluster
    stepplugins_cleanup >/dev/null 2>&1 || true
    local status=passed
    ((failures == before)) || status=failed
    echo "STEPPLUGIN_E2E_END status=$status"
}

# On a foreign cluster nothing may be left behind; the Project takes the rest with it.
stepplugins_cleanup() {
    kargo delete -f "$work/plugins/mkdir/$mkdir_configmap-configmap.yaml"
}

case_controller() {
    local deployments
    deployments=$(kubectl get deployments -n "$kargo_namespace" -l app.kubernetes.io/component=controller -o name)
    [[ -n $deployments ]] || {
        echo "no controller in namespace $kargo_namespace; set KARGO_NAMESPACE"
        return 1
    }
    fails_with 1 kargo get configmap "$mkdir_configmap" -n "$system_namespace"
}

case_build() {
    local directory=$work/plugins/mkdir map
    mkdir -p "$directory"
    sed "s/^  namespace: .*/  namespace: $system_namespace/" "$here/../plugins/mkdir/plugin.yaml" \
        >"$directory/plugin.yaml"
    cp "$here/../plugins/mkdir/server.py" "$directory/"
    (cd "$directory" && kargo step-plugin build .)
    [[ -f $directory/README.md ]]
    map=$directory/$mkdir_configmap-configmap.yaml
    grep -F 'kargo-extended.code.org/configmap-type: StepPlugin' "$map"
    grep -F 'sidecar.automountServiceAccountToken:' "$map"
    grep -F 'sidecar.container:' "$map"
    grep -F 'steps.yaml:' "$map"
    grep -F "$(tail -n 1 "$directory/server.py")" "$map"
}

case_install() {
    apply "$work/plugins/mkdir/$mkdir_configmap-configmap.yaml"
    kargo get configmap "$mkdir_configmap" -n "$system_namespace"
}

is_approved() {
    kargo get freight -p "$project" -o json \
        | jq -e --arg alias "$freight_alias" --arg stage "$smoke_stage" \
            '(.items // [.])[] | select(.alias == $alias) | .status.approvedFor[$stage]'
}

smoke_promotion_exists() {
    kargo get promotions -p "$project" -o json | jq -e --arg stage "$smoke_stage" --arg name "$promotion" \
        '[(.items // [.])[] | select(.spec.stage == $stage)] | sort_by(.metadata.name) | last.metadata.name == $name'
}

case_smoke() {
    make_stage "$smoke_stage" <<'STEPS'
- uses: mkdir
  config:
    path: demo/subdir
- uses: copy
  config:
    inPath: demo/subdir
    outPath: copied/subdir
STEPS
    kargo approve --freight-alias "$freight_alias" --stage "$smoke_stage" -p "$project"
    until_true 20 is_approved
    start_promotion "$smoke_stage"
    until_true 20 smoke_promotion_exists
    until_true 180 is_over
    same Succeeded "$(field .status.phase)" "the phase"
    same Succeeded "$(step_status 0)" "step mkdir"
    same Succeeded "$(step_status 1)" "step copy"
    until_true 30 agent_pod_is_gone
}

case_task() {
    cat >"$work/task.yaml" <<TASK
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata:
  name: mkdir-demo
  namespace: $project
spec:
  vars:
  - name: directory
    value: demo
  steps:
  - uses: mkdir
    config:
      path: \${{ vars.directory }}/subdir
TASK
    kargo apply -f "$work/task.yaml"
    make_stage with-task <<'STEPS'
- task:
    name: mkdir-demo
  as: make
  vars:
  - name: directory
    value: made-by-task
- uses: copy
  config:
    inPath: made-by-task/subdir
    outPath: copied
STEPS
    promote with-task
    same make::step-1 "$(field '.spec.steps[0].as')" "the step's alias"
    same Succeeded "$(step_status 0)" "step mkdir"
    same Succeeded "$(step_status 1)" "step copy"
}

case_builtin_then_plugin() {
    install_plugin note "$project"
    make_stage builtin-then-plugin <<'STEPS'
- uses: file-write
  config:
    path: made/by/builtin.yaml
    contents: "by: builtin"
- uses: note
  config:
    path: made/by/plugin.yaml
    text: "by: plugin"
- uses: note
  config:
    path: made/by/builtin.yaml
    text: "by: plugin"
- uses: yaml-parse
  as: new
  config:
    path: made/by/plugin.yaml
    outputs:
    - name: by
      fromExpression: by
- uses: yaml-parse
  as: replaced
  config:
    path: made/by/builtin.yaml
    outputs:
    - name: by
      fromExpression: by
STEPS
    promote builtin-then-plugin
    same plugin "$(field .status.state.new.by)" "the plugin's file"
    same plugin "$(field .status.state.replaced.by)" "the file that the plugin replaced"
}

case_plugin_then_builtin() {
    make_stage plugin-then-builtin <<'STEPS'
- uses: mkdir
  config:
    path: made/by/plugin
- uses: file-write
  config:
    path: made/by/plugin/values.yaml
    contents: "by: builtin"
- uses: yaml-update
  config:
    path: made/by/plugin/values.yaml
    updates:
    - key: by
      value: builtin, again
- uses: copy
  config:
    inPath: made/by
    outPath: copied
- uses: yaml-parse
  as: parse
  config:
    path: copied/plugin/values.yaml
    outputs:
    - name: by
      fromExpression: by
STEPS
    promote plugin-then-builtin
    same "builtin, again" "$(field .status.state.parse.by)" "the file"
}

case_two_plugins() {
    install_plugin note "$project"
    make_stage two-plugins <<'STEPS'
- uses: mkdir
  config:
    path: notes
- uses: note
  as: write
  config:
    path: notes/first.yaml
    text: "stage: ${{ ctx.stage }}"
- uses: yaml-update
  config:
    path: notes/first.yaml
    updates:
    - key: stage
      value: ${{ outputs.write.written }}
- uses: yaml-parse
  as: parse
  config:
    path: notes/first.yaml
    outputs:
    - name: written
      fromExpression: stage
STEPS
    promote two-plugins
    # "stage: two-plugins" has eighteen characters.
    same 18 "$(field .status.state.parse.written)" "what both plugins and two builtin steps made"
}

case_same_plugin_twice() {
    local stage first second
    for stage in side-a side-b; do
        make_stage "$stage" <<'STEPS'
- uses: mkdir
  config:
    path: demo
STEPS
    done
    start_promotion side-a
    first=$promotion
    start_promotion side-b
    second=$promotion
    for promotion in "$first" "$second"; do
        echo "$promotion" >"$work/promotion"
        until_true 180 is_over
        same Succeeded "$(field .status.phase)" "the phase of $promotion"
    done
}

case_same_port() {
    install_plugin twin-a "$project"
    install_plugin twin-b "$project"
    make_stage both-twins <<'STEPS'
- uses: twin-a
- uses: twin-b
STEPS
    make_stage one-twin <<'STEPS'
- uses: twin-b
  as: twin
STEPS
    fails_with 2 promote both-twins
    same Errored "$(field .status.phase)" "the phase"
    contains "$(field .status.message)" "port 9770" "the message"
    contains "$(field .status.message)" "twin-a" "the message"
    contains "$(field .status.message)" "twin-b" "the message"
    promote one-twin
    same b "$(field .status.state.twin.twin)" "who answered"
}

case_override() {
    install_plugin project-mkdir "$project"
    make_stage override <<'STEPS'
- uses: mkdir
  as: make
  config:
    path: demo
STEPS
    promote override
    same "the Project's mkdir" "$(field .status.state.make.madeBy)" "who made the directory"
    kargo delete -f "$work/plugins/project-mkdir-$project/$mkdir_configmap-configmap.yaml"
    promote override
    same null "$(field .status.state.make.madeBy)" "who made the directory without the Project's plugin"
}

case_invalid() {
    sed "s/^  namespace: .*/  namespace: $project/" "$here/plugins/broken-configmap.yaml" >"$work/broken.yaml"
    apply "$work/broken.yaml"
    make_stage healthy <<'STEPS'
- uses: mkdir
  config:
    path: demo
STEPS
    make_stage broken <<'STEPS'
- uses: broken
STEPS
    promote healthy
    fails_with 2 promote broken
    same Errored "$(field .status.phase)" "the phase"
    contains "$(field .status.message)" "broken-step-plugin" "the message"
    contains "$(field .status.message)" "ports" "the message"
    kargo delete -f "$work/broken.yaml"
}

case_flaky() {
    install_plugin flaky "$project"
    make_stage flaky <<'STEPS'
- uses: flaky
  as: flaky
STEPS
    promote flaky
    same 3 "$(field .status.state.flaky.calls)" "the calls"
}

case_silent() {
    install_plugin silent "$project"
    make_stage silent <<'STEPS'
- uses: silent
  retry:
    timeout: 3s
- uses: compose-output
  as: after
  if: ${{ failure() }}
  config:
    reached: true
STEPS
    fails_with 2 promote silent
    same Errored "$(field .status.phase)" "the phase"
    contains "$(step_message 0)" "timed out after 3s" "the step's message"
    same true "$(field .status.state.after.reached)" "the step that runs after a failure"
    until_true 30 agent_pod_is_gone
}

# A Stage whose plugin tells in $called that it was called, and answers when $until is there.
make_holding_stage() {
    install_plugin hold "$project"
    called=$work/$1.called
    until=$work/$1.until
    if [[ -z $data ]]; then
        called=/tmp/called
        until=/tmp/until
    fi
    make_stage "$1" <<STEPS
- uses: hold
  as: hold
  config:
    called: $called
    until: $until
- uses: compose-output
  as: after
  config:
    reached: true
STEPS
}

plugin_is_called() {
    if [[ -n $data ]]; then
        [[ -s $called ]]
    else
        [[ $(kargo logs promotion "$promotion" -p "$project" --step hold) == *called* ]]
    fi
}

case_abort() {
    make_holding_stage aborted
    start_promotion aborted
    until_true 180 plugin_is_called
    same Running "$(field .status.phase)" "the phase before"
    contains "$(kargo logs promotion "$promotion" -p "$project" --step hold)" "called" "the log of the step"
    kargo promote --name "$promotion" --abort -p "$project"
    fails_with 64 kargo promote --name "$promotion" -p "$project"
    until_true 10 is_over
    same Aborted "$(field .status.phase)" "the phase"
    same Aborted "$(step_status 0)" "the step"
    same null "$(field .status.state.after)" "the output of the step after"
    fails_with 1 kargo promote --name "$promotion" --abort -p "$project"
    until_true 30 agent_pod_is_gone
}

case_kill_controller() {
    [[ -n $data ]] || skip "the controller of a foreign cluster is not ours to kill"
    local pid pod
    make_holding_stage killed
    start_promotion killed
    until_true 60 plugin_is_called
    pod=$(field '.metadata.annotations["kargo-extended.code.org/agent-pod"]')
    pid=$(kargo local status --data-dir "$data" -o json | jq -r .controller.pid)
    kill -9 "$pid"
    # It ends while nobody looks.
    : >"$until"
    kargo local up --detach --data-dir "$data"
    until_true 60 is_over
    same Succeeded "$(field .status.phase)" "the phase"
    same "$pod" "$(field '.metadata.annotations["kargo-extended.code.org/agent-pod"]')" "the Pod"
    same "$promotion" "$(cat "$called")" "the calls of the plugin"
    same true "$(field .status.state.after.reached)" "the output of the step after"
}

case_kill_cluster() {
    [[ -n $data ]] || skip "a foreign cluster is not ours to kill"
    local pid pod address status
    make_holding_stage orphaned
    start_promotion orphaned
    until_true 60 plugin_is_called
    pod=$(field '.metadata.annotations["kargo-extended.code.org/agent-pod"]')
    status=$(kargo local status --data-dir "$data" -o json)
    pid=$(jq -r .cluster.pid <<<"$status")
    address=$(jq -r .cluster.address <<<"$status")
    kill -9 "$pid"
    : >"$until"
    kargo local up --detach --data-dir "$data"
    same "$address" "$(kargo local status --data-dir "$data" -o json | jq -r .cluster.address)" "the address"
    until_true 60 is_over
    same Succeeded "$(field .status.phase)" "the phase"
    same "$pod" "$(field '.metadata.annotations["kargo-extended.code.org/agent-pod"]')" "the Pod"
    same "$promotion" "$(cat "$called")" "the calls of the plugin"
    until_true 30 agent_pod_is_gone
}
