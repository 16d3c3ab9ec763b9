"""What the Python client of Kubernetes does with a cluster: python clients.py; KUBECONFIG names the cluster.

Its models are strict: an answer that lacks a field, or has one of another type, is an error. The cluster must not run
Pods, as this plays the kubelet.
"""

import datetime

from kubernetes import client, config, dynamic, watch
from kubernetes.client.rest import ApiException

NAMESPACE = "default"
NOW = datetime.datetime.now(datetime.timezone.utc)


def meta(name=None, **fields):
    return client.V1ObjectMeta(name=name, **fields)


def discovery(core):
    assert client.VersionApi().get_code().git_version.startswith("v1.")
    assert client.CoreApi().get_api_versions().versions == ["v1"]
    groups = {group.name for group in client.ApisApi().get_api_versions().groups}
    assert {"apiextensions.k8s.io", "rbac.authorization.k8s.io", "coordination.k8s.io"} <= groups, groups
    assert {"pods", "pods/status"} <= {resource.name for resource in core.get_api_resources().resources}


def typed_objects(core):
    created = core.create_namespaced_config_map(
        NAMESPACE, client.V1ConfigMap(metadata=meta("a", labels={"x": "y"}), data={"k": "v"})
    )
    assert created.metadata.uid and created.metadata.creation_timestamp <= datetime.datetime.now(datetime.timezone.utc)
    merged = core.patch_namespaced_config_map("a", NAMESPACE, {"data": {"l": "w"}})
    assert merged.data == {"k": "v", "l": "w"}, merged.data
    operations = [{"op": "replace", "path": "/data/k", "value": "z"}]
    assert core.patch_namespaced_config_map("a", NAMESPACE, operations).data["k"] == "z"
    try:
        core.replace_namespaced_config_map("a", NAMESPACE, created)
        raise AssertionError("a stale object was taken")
    except ApiException as error:
        assert error.status == 409 and error.reason == "Conflict", error
    dry = core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=meta("dry")), dry_run="All")
    assert dry.metadata.name == "dry"
    core.delete_namespaced_config_map("a", NAMESPACE, propagation_policy="Foreground")
    secret = core.create_namespaced_secret(
        NAMESPACE, client.V1Secret(metadata=meta(generate_name="s-"), string_data={"a": "b"})
    )
    assert secret.metadata.name.startswith("s-") and secret.data == {"a": "Yg=="}, secret
    core.create_namespaced_service_account(NAMESPACE, client.V1ServiceAccount(metadata=meta("robot")))
    assert core.delete_namespaced_service_account("robot", NAMESPACE).metadata.name == "robot"


def pages(core):
    for index in range(25):
        labels = {"page": "yes"}
        core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=meta(f"p{index:02}", labels=labels)))
    names, token, versions = [], None, set()
    while token != "":
        piece = core.list_namespaced_config_map(NAMESPACE, limit=10, _continue=token, label_selector="page in (yes)")
        names += [item.metadata.name for item in piece.items]
        versions.add(piece.metadata.resource_version)
        token = piece.metadata._continue or ""
    assert names == [f"p{index:02}" for index in range(25)] and len(versions) == 1, (names, versions)
    core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="page=yes")
    assert core.list_namespaced_config_map(NAMESPACE, label_selector="page").items == []


def pods(core):
    container = client.V1Container(name="c", image="busybox", command=["sleep", "100"])
    pod = client.V1Pod(metadata=meta("p"), spec=client.V1PodSpec(containers=[container]))
    assert core.create_namespaced_pod(NAMESPACE, pod).status.phase == "Pending"
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": NOW.isoformat()}],
    }
    assert core.patch_namespaced_pod_status("p", NAMESPACE, {"status": status}).status.conditions[0].type == "Ready"
    selector = "status.phase=Running,spec.nodeName="
    assert len(core.list_pod_for_all_namespaces(field_selector=selector).items) == 1
    assert core.delete_namespaced_pod("p", NAMESPACE, grace_period_seconds=0).metadata.name == "p"
    pod.metadata.name = "q"
    core.create_namespaced_pod(NAMESPACE, pod)
    options = client.V1DeleteOptions(grace_period_seconds=0)
    core.create_namespaced_pod_eviction("q", NAMESPACE, client.V1Eviction(metadata=meta("q"), delete_options=options))
    assert core.list_namespaced_pod(NAMESPACE).items == []


def accounts(core):
    assert "ca.crt" in core.read_namespaced_config_map("kube-root-ca.crt", NAMESPACE).data
    spec = client.V1TokenRequestSpec(audiences=["me"], expiration_seconds=600)
    request = client.AuthenticationV1TokenRequest(spec=spec)
    token = core.create_namespaced_service_account_token("default", NAMESPACE, request).status.token
    authentication = client.AuthenticationV1Api()
    for audience, authenticated in [("me", True), ("you", None)]:
        spec = client.V1TokenReviewSpec(token=token, audiences=[audience])
        status = authentication.create_token_review(client.V1TokenReview(spec=spec)).status
        assert status.authenticated == authenticated, status


def access():
    rbac = client.RbacAuthorizationV1Api()
    rule = client.V1PolicyRule(api_groups=[""], resources=["pods"], verbs=["get"])
    rbac.create_namespaced_role(NAMESPACE, client.V1Role(metadata=meta("r"), rules=[rule]))
    assert rbac.list_namespaced_role(NAMESPACE).items[0].rules[0].verbs == ["get"]
    role = client.V1RoleRef(api_group="rbac.authorization.k8s.io", kind="Role", name="r")
    subject = client.RbacV1Subject(kind="User", name="u")
    binding = client.V1RoleBinding(metadata=meta("r"), role_ref=role, subjects=[subject])
    assert rbac.create_namespaced_role_binding(NAMESPACE, binding).role_ref.name == "r"
    rbac.create_cluster_role(client.V1ClusterRole(metadata=meta("cr"), rules=[rule]))
    authorization = client.AuthorizationV1Api()
    attributes = client.V1ResourceAttributes(verb="get", resource="pods", namespace=NAMESPACE)
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))
    assert authorization.create_self_subject_access_review(review).status.allowed
    rules = client.V1SelfSubjectRulesReview(spec=client.V1SelfSubjectRulesReviewSpec(namespace=NAMESPACE))
    assert authorization.create_self_subject_rules_review(rules).status.resource_rules[0].verbs == ["*"]
    identity = client.AuthenticationV1Api().create_self_subject_review(client.V1SelfSubjectReview())
    assert identity.status.user_info.username == "admin", identity


def leases_and_events(core):
    leases = client.CoordinationV1Api()
    spec = client.V1LeaseSpec(holder_identity="me", lease_duration_seconds=15, renew_time=NOW)
    lease = leases.create_namespaced_lease(NAMESPACE, client.V1Lease(metadata=meta("l"), spec=spec))
    assert lease.spec.renew_time == NOW, lease.spec.renew_time
    lease.spec.holder_identity = "you"
    assert leases.replace_namespaced_lease("l", NAMESPACE, lease).spec.holder_identity == "you"
    reference = client.V1ObjectReference(kind="Lease", name="l", namespace=NAMESPACE)
    event = client.CoreV1Event(
        metadata=meta("e"), involved_object=reference, reason="Held", type="Normal", first_timestamp=NOW
    )
    core.create_namespaced_event(NAMESPACE, event)
    found = core.list_namespaced_event(NAMESPACE, field_selector="involvedObject.name=l,reason=Held").items
    assert [event.metadata.name for event in found] == ["e"]


def watches(core):
    version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    for index in range(4):
        core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=meta(f"w{index}")))
    first, names = watch.Watch(), []
    for event in first.stream(core.list_namespaced_config_map, NAMESPACE, resource_version=version, timeout_seconds=30):
        names.append(event["object"].metadata.name)
        if len(names) == 2:
            first.stop()
    # Another watch goes on where the first one stopped.
    second = watch.Watch()
    for event in second.stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=first.resource_version, timeout_seconds=30
    ):
        names.append(event["object"].metadata.name)
        if len(names) == 4:
            second.stop()
    assert names == ["w0", "w1", "w2", "w3"], names


def dynamic_client(core):
    api = dynamic.DynamicClient(client.ApiClient())
    maps = api.resources.get(api_version="v1", kind="ConfigMap")
    maps.create(body={"metadata": {"name": "dyn"}, "data": {"a": "b"}}, namespace=NAMESPACE)
    assert maps.get(name="dyn", namespace=NAMESPACE).data.a == "b"
    assert "dyn" in [item.metadata.name for item in maps.get(namespace=NAMESPACE).items]
    version = maps.get(namespace=NAMESPACE).metadata.resourceVersion
    patch = {"data": {"a": "c"}}
    maps.patch(name="dyn", namespace=NAMESPACE, body=patch, content_type="application/merge-patch+json")
    for event in maps.watch(namespace=NAMESPACE, resource_version=version, timeout=30):
        assert event["type"] == "MODIFIED" and event["object"].data.a == "c", event
        break
    maps.delete(name="dyn", namespace=NAMESPACE)
    definitions = api.resources.get(api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition")
    stages = api.resources.get(api_version="kargo.akuity.io/v1alpha1", kind="Stage")
    assert definitions.get(name=f"{stages.name}.{stages.group}").status.conditions
    assert client.ApiextensionsV1Api().list_custom_resource_definition().items


def errors(core):
    for call, status, reason in [
        (lambda: core.read_namespaced_config_map("nope", NAMESPACE), 404, "Not Found"),
        (lambda: core.list_namespaced_config_map(NAMESPACE, label_selector="a in b"), 400, "Bad Request"),
        (lambda: core.delete_namespace("default"), 403, "Forbidden"),
    ]:
        try:
            call()
            raise AssertionError(f"no error {status}")
        except ApiException as error:
            assert (error.status, error.reason) == (status, reason), error


def main():
    config.load_kube_config()
    core = client.CoreV1Api()
    discovery(core)
    typed_objects(core)
    pages(core)
    pods(core)
    accounts(core)
    access()
    leases_and_events(core)
    watches(core)
    dynamic_client(core)
    errors(core)


if __name__ == "__main__":
    main()
