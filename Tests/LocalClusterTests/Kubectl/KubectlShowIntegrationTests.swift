import Testing

/// How kubectl shows objects and kinds.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct KubectlShowIntegrationTests {
    @Test(arguments: Kubectl.all)
    func `prints objects in every form`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            for (name, value) in [("b", "1"), ("a", "2")] {
                try await kubectl("create", "configmap", name, "--from-literal=k=\(value)")
            }
            // The ConfigMap that every namespace has is none of them.
            try await kubectl("label", "cm", "a", "b", "set=show")
            try await kubectl("label", "cm", "a", "app=paint")
            #expect(
                cells(try await kubectl("get", "cm", "-l", "set")).map { $0.prefix(2) } == [
                    ["NAME", "DATA"], ["a", "1"], ["b", "1"],
                ]
            )
            #expect(try await kubectl("get", "cm", "-l", "set", "-o", "name") == "configmap/a\nconfigmap/b\n")
            let columns = try await kubectl("get", "cm", "-l", "set", "-o", "custom-columns=N:.metadata.name,K:.data.k")
            #expect(cells(columns) == [["N", "K"], ["a", "2"], ["b", "1"]])
            let path = #"jsonpath={range .items[*]}{.metadata.name}={.data.k} {end}"#
            #expect(try await kubectl("get", "cm", "-l", "set", "-o", path) == "a=2 b=1 ")
            let template = "go-template={{range .items}}{{.metadata.name}},{{end}}"
            #expect(try await kubectl("get", "cm", "-l", "set", "-o", template) == "a,b,")
            let sorted = try await kubectl("get", "cm", "-l", "set", "--sort-by=.data.k", "--no-headers")
            #expect(cells(sorted).map(\.first) == ["b", "a"])
            let chunks = try await kubectl("get", "cm", "-l", "set", "--chunk-size=1", "--no-headers")
            #expect(cells(chunks).map(\.first) == ["a", "b"])
            #expect(try await kubectl("get", "cm", "--show-labels", "-l", "app").contains("app=paint"))
            #expect(cells(try await kubectl("get", "cm", "-L", "app"))[1].last == "paint")
            let everywhere = try await kubectl("get", "cm", "-A", "--field-selector=metadata.name=b", "--no-headers")
            #expect(cells(everywhere).map { $0.prefix(2) } == [["default", "b"]])
            let raw = try await kubectl("get", "--raw", "/api/v1/namespaces/default/configmaps/a")
            #expect(raw.contains(#""kind":"ConfigMap""#))
            #expect(try await kubectl("get", "cm", "a", "-o", "yaml").contains("  k: \"2\"\n"))
            let missing = try await kubectl.failing("get", "cm", "a", "c")
            #expect(missing == "Error from server (NotFound): configmaps \"c\" not found\n")
            #expect(try await kubectl("describe", "cm", "a").contains("k:\n----\n2\n"))
        }
    }

    @Test(arguments: Kubectl.all)
    func `explains kinds field by field`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let environment = try await kubectl("explain", "pod.spec.containers.env")
            #expect(environment.contains("[]EnvVar") && environment.contains("valueFrom"))
            let stage = try await kubectl("explain", "stage.spec", "--recursive")
            #expect(stage.contains("GROUP:      kargo.akuity.io") && stage.contains("requestedFreight"))
            #expect(try await kubectl("explain", "stages.metadata").contains("ownerReferences"))
            #expect(try await kubectl("explain", "pod.spec").contains("<[]Container> -required-"))
            #expect(try await kubectl("explain", "crd.spec.versions").contains("additionalPrinterColumns"))
            #expect(try await kubectl("explain", "secret.data").contains("map[string]string"))
            for (field, text) in [
                ("pod", "Containers that run together on one node."),
                ("pod.spec.containers.livenessProbe", "What restarts the container when it fails."),
                ("pod.metadata.uid", "Tells it from all objects that there ever were"),
                ("crd.spec.versions.served", "Whether it is served."), ("tokenreview.spec.token", "The token."),
                ("stage.metadata", "What every object has"), ("event.involvedObject", "The object that it is about."),
            ] {
                let told = try await kubectl("explain", field)
                // kubectl breaks lines.
                #expect(told.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(text), "\(told)")
            }
            #expect(try await kubectl.failing("explain", "pod.spec.nope").contains(#"field "nope" does not exist"#))
            let resources = cells(try await kubectl("api-resources", "--no-headers"))
            #expect(resources.contains(["configmaps", "cm", "v1", "true", "ConfigMap"]))
            #expect(resources.contains(["stages", "kargo.akuity.io/v1alpha1", "true", "Stage"]))
            #expect(try await kubectl("api-versions").split(separator: "\n").contains("kargo.akuity.io/v1alpha1"))
            #expect(try await kubectl("version").contains("v1.32"))
        }
    }
}
