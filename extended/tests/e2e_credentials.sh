# shellcheck shell=bash disable=SC2154
# Credentials of repositories in Promotions with plugins. Sourced by e2e.sh; the plugins are those of
# e2e_stepplugins.sh.

git_password=correct-horse-7

run_credentials() {
    run_case "credentials: a private repository is cloned, changed by a plugin and pushed" case_private_repository
    run_case "credentials: what the configuration does not name is refused" case_unnamed_repository
}

# Serves the repositories $1 and $2, in this shell's care, and makes Secrets for them; sets $git_url.
serve_repositories() {
    [[ -n $data ]] || skip "a foreign cluster does not reach a server on loopback"
    command -v git >/dev/null || skip "there is no git"
    local root=$work/repositories-$1 name pid
    for name in "$@"; do
        git init --quiet --bare --initial-branch=main "$root/$name.git"
        git init --quiet --initial-branch=main "$root/$name-source"
        echo first >"$root/$name-source/README"
        git -C "$root/$name-source" add .
        git -C "$root/$name-source" -c user.name=Other -c user.email=other@example.com commit --quiet -m first
        git -C "$root/$name-source" push --quiet "$root/$name.git" main
    done
    python3 "$here/python/git_server.py" "$root" me "$git_password" >"$root/port" &
    pid=$!
    # shellcheck disable=SC2064
    trap "kill $pid" EXIT
    until_true 20 test -s "$root/port"
    git_url=http://127.0.0.1:$(cat "$root/port")
    for name in "$@"; do
        cat >"$work/secret-$name.yaml" <<SECRET
apiVersion: v1
kind: Secret
metadata:
  name: $name
  namespace: $project
  labels:
    kargo.akuity.io/cred-type: git
stringData:
  repoURL: $git_url/$name.git
  username: me
  password: $git_password
SECRET
        apply "$work/secret-$name.yaml"
    done
}

# Nobody who reads the Promotion, its logs or those of the cluster sees the password.
password_is_secret() {
    fails grep -rsF "$git_password" "$data"/*.log
    fails grep -F "$git_password" <<<"$(kargo get promotion "$promotion" -p "$project" -o yaml)"
    fails grep -F "$git_password" <<<"$(kargo logs promotion "$promotion" -p "$project" 2>&1)"
}

case_private_repository() {
    serve_repositories private
    install_plugin note "$project"
    make_stage private <<STEPS
- uses: git-clone
  config:
    repoURL: $git_url/private.git
    checkout:
    - branch: main
      path: src
- uses: note
  config:
    path: src/note.yaml
    text: "by: plugin"
- uses: set-metadata
  config:
    updates:
    - kind: Stage
      name: private
      values:
        noted: true
- uses: git-commit
  config:
    path: src
    message: noted
- uses: git-push
  as: push
  config:
    path: src
STEPS
    promote private
    same "Succeeded Succeeded Succeeded Succeeded Succeeded" \
        "$(field '[.status.stepExecutionMetadata[].status] | join(" ")')" "the steps"
    local repository=$work/repositories-private/private.git
    same "by: plugin" "$(git -C "$repository" show main:note.yaml)" "the file that was pushed"
    same "$(git -C "$repository" rev-parse main)" "$(field .status.state.push.commit)" "the commit"
    same true "$(kargo get stage private -p "$project" -o json | jq .status.metadata.noted)" "the Stage's metadata"
    contains "$(cat "$data/controller.log")" "$git_url/private" "what the controller says it has answered"
    password_is_secret
}

# The configuration of the clone names another repository by the time of the push.
case_unnamed_repository() {
    serve_repositories named unnamed
    write_repository_name named
    make_holding_stage unnamed
    {
        cat <<STEPS
- uses: git-clone
  config:
    repoURL: $git_url/\${{ configMap("repository").name }}.git
    checkout:
    - branch: main
      path: src
- uses: hold
  config:
    called: $called
    until: $until
- uses: git-push
  config:
    path: src
STEPS
    } | make_stage unnamed
    start_promotion unnamed
    until_true 60 plugin_is_called
    write_repository_name unnamed
    : >"$until"
    until_true 60 is_over
    same Errored "$(field .status.phase)" "the phase"
    contains "$(step_message 2)" "the controller refuses credentials of the git repository $git_url/named" "the message"
    contains "$(grep -F "$promotion" "$data/controller.log")" "it was refused" "the controller's log"
    password_is_secret
}

write_repository_name() {
    cat >"$work/repository.yaml" <<DATA
apiVersion: v1
kind: ConfigMap
metadata:
  name: repository
  namespace: $project
data:
  name: $1
DATA
    apply "$work/repository.yaml"
}
