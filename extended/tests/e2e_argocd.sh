# shellcheck shell=bash disable=SC2154
# Argo CD end to end, as far as that goes without Argo CD: its kind, and somebody who does what it would do. Sourced by
# e2e.sh.

case_argocd() {
    [[ -n $data ]] || skip "a foreign cluster's Applications are not ours"
    have_kubectl || skip "kubectl is needed to play Argo CD"
    write_application
    kargo apply -f "$work/application.yaml"
    make_stage argocd <<'STEPS'
- uses: set-metadata
  config:
    updates:
    - kind: Stage
      name: ${{ ctx.stage }}
      values:
        release: ${{ ctx.targetFreight.alias }}
- uses: argocd-update
  as: sync
  config:
    apps:
    - name: web
      sources:
      - repoURL: https://git.example.com/web
        desiredRevision: v2
        updateTargetRevision: true
- uses: compose-output
  as: noted
  config:
    release: ${{ stageMetadata(ctx.stage).release }}
STEPS
    start_promotion argocd
    until_true 20 application_is '.operation != null'
    application_is '.spec.source.targetRevision == "v2" and .spec.source.path == "env/test"'
    same Running "$(step_status 1)" "the step that waits for the sync"
    contains "$(step_message 1)" 'waiting for Argo CD Application "web"' "the message of the step"
    finish_sync Progressing
    # Sooner than it would look by itself.
    until_true 25 phase_is Succeeded
    same "$freight_alias" "$(field .status.state.noted.release)" "what is noted on the Stage"
    until_true 20 health_is Progressing
    finish_sync Healthy
    until_true 20 health_is Healthy
    until_true 20 is_verified_in argocd
    finish_sync Degraded
    until_true 20 health_is Unhealthy
    contains "$(kargo get stage argocd -p "$project" -o json | jq -r '.status.health.issues[0]')" "is Degraded" \
        "what is wrong with the Stage"
}

# Early, so that the controller has found it when it is needed.
install_argocd() {
    cat >"$work/argocd.yaml" <<'DEFINITION'
apiVersion: v1
kind: Namespace
metadata:
  name: argocd
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: applications.argoproj.io
spec:
  group: argoproj.io
  scope: Namespaced
  names:
    plural: applications
    singular: application
    kind: Application
  versions:
  - name: v1alpha1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        x-kubernetes-preserve-unknown-fields: true
DEFINITION
    kargo apply -f "$work/argocd.yaml"
}

write_application() {
    cat >"$work/application.yaml" <<APPLICATION
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
  annotations:
    kargo.akuity.io/authorized-stage: $project:argocd
spec:
  project: default
  source:
    repoURL: https://git.example.com/web.git
    targetRevision: v1
    path: env/test
APPLICATION
}

application() { kargo get application web -n argocd -o json; }
application_is() { application | jq -e "$1"; }

# finish_sync HEALTH: what Argo CD does when it has synced the Application, or looks at it again.
finish_sync() {
    application | jq --arg health "$1" '{
        operation: null,
        status: {
            operationState: {
                phase: "Succeeded", operation: (.operation // .status.operationState.operation),
                finishedAt: "2026-01-01T00:00:00Z", syncResult: {revision: .spec.source.targetRevision}
            },
            reconciledAt: "2026-01-01T00:00:01Z",
            health: {status: $health},
            sync: {status: "Synced", revision: .spec.source.targetRevision}
        }
    }' >"$work/synced.json"
    kubectl patch application web -n argocd --type merge --patch-file "$work/synced.json"
}

health_is() { kargo get stage argocd -p "$project" -o json | jq -e --arg status "$1" '.status.health.status == $status'; }

is_verified_in() {
    kargo get freight -p "$project" -o json | jq -e --arg alias "$freight_alias" --arg stage "$1" \
        '(.items // [.])[] | select(.alias == $alias) | .status.verifiedIn[$stage]'
}
