"""A small kopf operator, and a run of it: python things_operator.py; KUBECONFIG names the cluster.

A Thing gets a ConfigMap of its own, a status that follows its spec, and a finalizer that holds it until the operator
has heard of its end.
"""

import kopf
import kubernetes
from kopf.testing import KopfRunner

GROUP, VERSION, PLURAL, NAMESPACE = "example.org", "v1", "things", "default"
FINALIZER = "example.org/operator"


@kopf.on.startup()
def configure(settings, **_):
    settings.persistence.finalizer = FINALIZER
    settings.posting.enabled = True


@kopf.on.create(GROUP, VERSION, PLURAL)
def created(spec, name, namespace, patch, body, **_):
    kopf.info(body, reason="Sized", message=f"the size is {spec['size']}")
    config_map = {"metadata": {"name": name}, "data": {"size": str(spec["size"])}}
    kopf.adopt(config_map)
    kubernetes.client.CoreV1Api().create_namespaced_config_map(namespace, config_map)
    patch.status["size"] = spec["size"]


@kopf.on.update(GROUP, VERSION, PLURAL, field="spec.size")
async def resized(new, patch, retry, **_):
    # The first attempt fails, so that the operator has to come back by its own record in the annotations.
    if retry == 0:
        raise kopf.TemporaryError("once more", delay=0.1)
    patch.status["size"] = new


@kopf.on.delete(GROUP, VERSION, PLURAL)
def deleted(name, **_):
    kubernetes.client.CoreV1Api().create_namespaced_config_map(NAMESPACE, {"metadata": {"name": f"{name}-was-here"}})


def definition():
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {"type": "object", "properties": {"size": {"type": "integer", "default": 3}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": PLURAL, "kind": "Thing"},
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {
                        "openAPIV3Schema": {"type": "object", "properties": {"spec": spec, "status": free}}
                    },
                }
            ],
        },
    }


def wait(method, *arguments, name, until, field="metadata.name"):
    """Watches one object until it is as wanted."""
    for event in kubernetes.watch.Watch().stream(
        method, *arguments, field_selector=f"{field}={name}", timeout_seconds=60
    ):
        item = event["object"] if isinstance(event["object"], dict) else event["object"].to_dict()
        if until(event["type"], item):
            return item
    raise AssertionError(f"{name} never came to what was waited for")


def main():
    kubernetes.config.load_kube_config()
    custom = kubernetes.client.CustomObjectsApi()
    core = kubernetes.client.CoreV1Api()
    things = (custom.list_namespaced_custom_object, GROUP, VERSION, NAMESPACE, PLURAL)
    place = (GROUP, VERSION, NAMESPACE, PLURAL)
    kubernetes.client.ApiextensionsV1Api().create_custom_resource_definition(definition())
    with KopfRunner(["run", "--standalone", "--namespace", NAMESPACE, __file__], timeout=60) as runner:
        thing = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "Thing", "metadata": {"name": "one"}, "spec": {}}
        custom.create_namespaced_custom_object(*place, thing)
        item = wait(*things, name="one", until=lambda _, item: item.get("status", {}).get("size") == 3)
        assert item["metadata"]["finalizers"] == [FINALIZER], item
        owner = core.read_namespaced_config_map("one", NAMESPACE).metadata.owner_references[0]
        assert owner.uid == item["metadata"]["uid"] and owner.controller, owner

        events = (core.list_namespaced_event, NAMESPACE)
        event = wait(*events, field="reason", name="Sized", until=lambda *_: True)
        assert event["involved_object"]["uid"] == item["metadata"]["uid"], event

        custom.patch_namespaced_custom_object(*place, "one", {"spec": {"size": 5}})
        wait(*things, name="one", until=lambda _, item: item.get("status", {}).get("size") == 5)

        version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
        custom.delete_namespaced_custom_object(*place, "one")
        maps = (core.list_namespaced_config_map, NAMESPACE)
        wait(*maps, name="one-was-here", until=lambda *_: True)
        for event in kubernetes.watch.Watch().stream(*maps, resource_version=version, timeout_seconds=60):
            if event["type"] == "DELETED" and event["object"].metadata.name == "one":
                break
        else:
            raise AssertionError("the ConfigMap outlived its owner")
    assert runner.exit_code == 0, runner.output
    assert runner.exception is None, runner.exception


if __name__ == "__main__":
    main()
