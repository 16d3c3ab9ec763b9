import Testing

/// How kubectl makes objects, most of them in protobuf.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct KubectlCreateIntegrationTests {
    @Test(arguments: Kubectl.all)
    func `creates objects from arguments`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            #expect(try await kubectl("create", "namespace", "shop") == "namespace/shop created\n")
            #expect(try await kubectl("create", "configmap", "c", "--from-literal=a=b") == "configmap/c created\n")
            #expect(try await kubectl("get", "configmap", "c", "-o", "jsonpath={.data}") == #"{"a":"b"}"#)
            try await kubectl("create", "secret", "generic", "s", "--from-literal=a=b")
            #expect(
                try await kubectl("get", "secret", "s", "-o", "jsonpath={.type} {.data}") == #"Opaque {"a":"Yg=="}"#
            )
            try await kubectl(
                "create",
                "secret",
                "docker-registry",
                "d",
                "--docker-server=x",
                "--docker-username=u",
                "--docker-password=p"
            )
            #expect(
                try await kubectl("get", "secret", "d", "-o", "jsonpath={.type}") == "kubernetes.io/dockerconfigjson"
            )
            #expect(try await kubectl("create", "serviceaccount", "r") == "serviceaccount/r created\n")
            let dry = try await kubectl("create", "configmap", "dry", "--dry-run=server")
            #expect(dry == "configmap/dry created (server dry run)\n")
            #expect(try await kubectl("get", "configmap", "dry", "--ignore-not-found").isEmpty)
            let again = try await kubectl.failing("create", "namespace", "shop")
            #expect(again == "Error from server (AlreadyExists): namespaces \"shop\" already exists\n")
            let nowhere = try await kubectl.failing("create", "configmap", "c", "-n", "nowhere")
            #expect(nowhere == "error: failed to create configmap: namespaces \"nowhere\" not found\n")
        }
    }

    @Test(arguments: Kubectl.all)
    func `makes roles and asks who may do what`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("create", "role", "reader", "--verb=get,list", "--resource=pods,configmaps")
            let rules = try await kubectl("get", "role", "reader", "-o", "jsonpath={.rules}")
            #expect(rules == #"[{"apiGroups":[""],"resources":["pods","configmaps"],"verbs":["get","list"]}]"#)
            try await kubectl("create", "clusterrole", "watcher", "--verb=watch", "--resource=namespaces")
            try await kubectl("create", "rolebinding", "ann", "--role=reader", "--user=ann")
            let bound = try await kubectl(
                "create",
                "clusterrolebinding",
                "all",
                "--clusterrole=watcher",
                "--group=staff"
            )
            #expect(bound == "clusterrolebinding.rbac.authorization.k8s.io/all created\n")
            let subjects = try await kubectl("get", "rolebinding", "ann", "-o", "jsonpath={.subjects[*].name}")
            #expect(subjects == "ann")
            #expect(try await kubectl("auth", "can-i", "create", "pods") == "yes\n")
            #expect(try await kubectl("auth", "can-i", "get", "/healthz") == "yes\n")
            #expect(try await kubectl("auth", "can-i", "--list").contains("*.*"))
            let identity = try await kubectl.run(["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"])
            // kubectl 1.27 asks for versions that Kubernetes 1.32 has not either.
            #expect(identity.text == "admin" || identity.problem.contains("v1alpha1"), "\(identity.problem)")
            let other = ["auth", "whoami", "--as=ann", "--as-group=staff", "-o", "jsonpath={.status.userInfo}"]
            let ann = try await kubectl.run(other)
            let expected = #"{"groups":["staff","system:authenticated"],"username":"ann"}"#
            #expect(ann.text == expected || ann.problem.contains("v1alpha1"), "\(ann.problem)")
        }
    }

    @Test(arguments: Kubectl.all)
    func `says what is not served`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let created = try await kubectl.failing("create", "deployment", "web", "--image=nginx")
            #expect(created.contains("could not find the requested resource"))
            let listed = try await kubectl.failing("get", "deployments")
            #expect(listed == "error: the server doesn't have a resource type \"deployments\"\n")
            let applied = try await kubectl.failing(
                "apply",
                "-f",
                "-",
                input: #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{}}"#
            )
            #expect(applied.contains("no matches for kind \"Deployment\" in version \"apps/v1\""), "\(applied)")
            let restarted = try await kubectl.failing("rollout", "restart", "deployment/web")
            #expect(restarted.contains("doesn't have a resource type"))
            try await kubectl("run", "p", "--image=any", "--command", "--", "sleep", "60")
            for (arguments, complaint) in [
                (["exec", "p", "--", "ls"], "a local cluster does not serve pods/exec"),
                (["attach", "p"], "a local cluster does not serve pods/attach"),
                (["debug", "p", "--image=any"], "ephemeral containers are disabled for this cluster"),
                (["top", "pod"], "Metrics API not available"),
                (["expose", "pod", "p", "--port=80"], "no matches for kind \"Service\" in version \"v1\""),
                (["scale", "deployment/web", "--replicas=2"], "doesn't have a resource type"),
                (["drain", "local"], "doesn't have a resource type"),
                (["get", "nodes"], "doesn't have a resource type"),
                (["set", "env", "pod/p", "A=b"], "pod updates may not change fields other than"),
            ] {
                let output = try await kubectl.run(arguments)
                #expect(!output.succeeded && output.problem.contains(complaint), "\(arguments): \(output.problem)")
            }
            try await kubectl("delete", "pod", "p", "--grace-period=0", "--force")
        }
    }

    @Test(arguments: Kubectl.all)
    func `refuses unknown fields and wrong types`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let unknown = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"dada":{}}"#
            for arguments in [["apply", "-f", "-"], ["apply", "--server-side", "-f", "-"], ["create", "-f", "-"]] {
                let output = try await kubectl.run(arguments, input: unknown)
                #expect(!output.succeeded && output.problem.contains(#"unknown field "dada""#), "\(output.problem)")
            }
            let wrong = try await kubectl.failing("create", "-f", "-", input: KubectlSession.configMap(#"{"a":1}"#))
            #expect(wrong.contains("data.a: must be a string"))
        }
    }
}
