#!/usr/bin/env bash
# Builds the image of the controller and the agents with docker, podman or buildah, whichever is there.
#
# IMAGE is its name (kargo-extended:latest), CONTAINER_TOOL the program, and HELM_VERSION, HELM_SHA256,
# KUSTOMIZE_VERSION, KUSTOMIZE_SHA256, SWIFT_IMAGE and BASE_IMAGE are handed on to the Containerfile. Other arguments go
# to the program. DRY_RUN=1 prints the command only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
    echo "image: $1" >&2
    exit 1
}

tool=${CONTAINER_TOOL:-}
if [[ -z $tool ]]; then
    for candidate in docker podman buildah; do
        if command -v "$candidate" >/dev/null; then
            tool=$candidate
            break
        fi
    done
fi
[[ -n $tool ]] || fail 'there is none of docker, podman and buildah on the PATH; install one, or name it in CONTAINER_TOOL'
command -v "$tool" >/dev/null || fail "CONTAINER_TOOL is \"$tool\", which is not on the PATH"

arguments=(build --file extended/image/Containerfile --tag "${IMAGE:-kargo-extended:latest}")
ignore=extended/image/Containerfile.dockerignore
case $(basename "$tool") in
    docker*) export DOCKER_BUILDKIT=1 ;;
    podman* | buildah*) arguments+=(--ignorefile "$ignore") ;;
    *) fail "CONTAINER_TOOL is \"$tool\"; it must be docker, podman or buildah" ;;
esac
for name in HELM KUSTOMIZE; do
    version=${name}_VERSION sum=${name}_SHA256
    [[ -z ${!version:-} || -n ${!sum:-} ]] || fail "$version is set, and $sum is not; name the SHA-256 of its archive"
done
for name in SWIFT_IMAGE BASE_IMAGE HELM_VERSION HELM_SHA256 KUSTOMIZE_VERSION KUSTOMIZE_SHA256; do
    [[ -z ${!name:-} ]] || arguments+=(--build-arg "$name=${!name}")
done
arguments+=("$@" .)

if [[ -n ${DRY_RUN:-} ]]; then
    echo "$tool ${arguments[*]}"
else
    exec "$tool" "${arguments[@]}"
fi
