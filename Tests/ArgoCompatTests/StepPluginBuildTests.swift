import ArgoCompat
import KargoCore
import Testing

@Suite("Building a StepPlugin")
struct StepPluginBuildTests {
    @Test func `makes the ConfigMap and the README of the quick start`() throws {
        let build = try StepPluginBuild(manifest: ManifestFixtures.mkdir, server: ManifestFixtures.mkdirServer)
        #expect(build.configMapFileName == "mkdir-step-plugin-configmap.yaml")
        #expect(build.warnings.isEmpty)
        let program = ManifestFixtures.mkdirServer.text.split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map { $0.isEmpty ? "\n" : "      \($0)\n" }.joined()
        #expect(
            build.configMap == """
                # This is an auto-generated file. DO NOT EDIT
                apiVersion: v1
                data:
                  sidecar.automountServiceAccountToken: "false"
                  sidecar.container: |
                    args:
                    - |
                \(program)\
                    command:
                    - python
                    - -u
                    - -c
                    image: python:alpine3.23
                    name: mkdir-step-plugin
                    ports:
                    - containerPort: 9765
                    resources:
                      limits:
                        cpu: 100m
                        memory: 64Mi
                      requests:
                        cpu: 50m
                        memory: 32Mi
                    securityContext:
                      runAsNonRoot: true
                      runAsUser: 65534
                  steps.yaml: |
                    - defaultTimeout: 0s
                      kind: mkdir
                kind: ConfigMap
                metadata:
                  labels:
                    kargo-extended.code.org/configmap-type: StepPlugin
                  name: mkdir-step-plugin
                  namespace: kargo-system-resources

                """
        )
        #expect(
            build.readme == """
                <!-- This is an auto-generated file. DO NOT EDIT -->
                # mkdir

                * API version: kargo-extended.code.org/v1alpha1
                * Image: python:alpine3.23
                * Namespace: kargo-system-resources

                Install:

                    kubectl apply -f mkdir-step-plugin-configmap.yaml

                Uninstall:

                    kubectl delete configmap mkdir-step-plugin -n kargo-system-resources

                """
        )
    }

    @Test(arguments: [
        ("cpu: 1000m", "cpu: \"1\""),
        ("cpu: 0.1", "cpu: 100m"),
        ("cpu: 2", "cpu: \"2\""),
        ("memory: 1.5Gi", "memory: 1536Mi"),
        ("memory: 1024Ki", "memory: 1Mi"),
        ("memory: \"1e3\"", "memory: \"1e3\""),
        ("memory: 128974848", "memory: \"128974848\""),
    ])
    func `writes quantities in canonical form`(written: String, canonical: String) throws {
        let manifest = ManifestFixtures.manifest(resources: "{requests: {\(written)}, limits: {cpu: 1}}")
        let build = try StepPluginBuild(manifest: manifest, server: nil)
        #expect(build.configMap.contains("\n      requests:\n        \(canonical)\n"))
    }

    @Test func `writes durations as Go does and keeps thresholds`() throws {
        let steps = "[{kind: b, defaultTimeout: 10m, defaultErrorThreshold: 3}, {kind: a, defaultTimeout: 1.5h}]"
        let build = try StepPluginBuild(manifest: ManifestFixtures.manifest(steps: steps), server: nil)
        #expect(
            build.configMap.contains(
                """
                  steps.yaml: |
                    - defaultErrorThreshold: 3
                      defaultTimeout: 10m0s
                      kind: b
                    - defaultTimeout: 1h30m0s
                      kind: a

                """
            )
        )
    }

    @Test func `carries the schema of a configuration and what outputs are wanted`() throws {
        let steps = "[{kind: a, sharedState: none, configSchema: {properties: {path: {type: string}}}}]"
        let plugin = try StepPluginBuild(manifest: ManifestFixtures.manifest(steps: steps), server: nil).plugin
        let (read, warnings) = try StepPlugin.reading(plugin.configMap)
        #expect(warnings == [])
        #expect(read.spec.steps[0].sharedState == .nothing)
        #expect(read.spec.steps[0].configSchema == ["properties": ["path": ["type": "string"]]])
    }

    @Test(arguments: [
        (
            "[{kind: a, configSchema: {properties: {path: {type: text}}}}]",
            "spec.steps[0].configSchema.properties.path.type: must be one of"
        ),
        ("[{kind: a}, {kind: b, configSchema: path}]", "spec.steps[1].configSchema: must be a JSON Schema"),
        ("[{kind: a, sharedState: some}]", "spec.steps[0].sharedState"),
    ])
    func `refuses schemas that make no sense`(steps: String, problem: String) throws {
        let error = #expect(throws: FieldError.self) {
            _ = try StepPluginBuild(manifest: ManifestFixtures.manifest(steps: steps), server: nil)
        }
        #expect(error?.description.hasPrefix(problem) == true)
    }

    @Test func `quotes strings that would be read as something else`() throws {
        let container = """
            env:
            - {name: A, value: "yes"}
            - {name: B, value: "0123"}
            - {name: C, value: "1e3"}
            - {name: D, value: 8080}
            - {name: E, value: true}
            - {name: F, value: ""}
            """
        let build = try StepPluginBuild(manifest: ManifestFixtures.manifest(container: container), server: nil)
        #expect(
            build.configMap.contains(
                """
                    env:
                    - name: A
                      value: "yes"
                    - name: B
                      value: "0123"
                    - name: C
                      value: "1e3"
                    - name: D
                      value: "8080"
                    - name: E
                      value: "true"
                    - name: F

                """
            )
        )
    }

    @Test func `keeps a program that no literal block can hold`() throws {
        for text in ["\tindented\n", "trailing \nspace\n", "carriage\r\nreturn\r\n", "no newline", "", "\u{1F600}\n"] {
            let server = StepPluginBuild.Server(fileName: "server.sh", text: text)
            let build = try StepPluginBuild(manifest: ManifestFixtures.manifest(), server: server)
            let map = try JSONValueDecoder().decode(ConfigMap.self, from: JSONValue(yaml: build.configMap))
            #expect(try StepPlugin.reading(map).plugin.spec.sidecar.container.args == [text])
        }
    }

    @Test func `reads JSON`() throws {
        let json = try JSONValue(yaml: ManifestFixtures.mkdir).text()
        let fromJSON = try StepPluginBuild(manifest: json, server: nil)
        let fromYAML = try StepPluginBuild(manifest: ManifestFixtures.mkdir, server: nil)
        #expect(fromJSON.configMap == fromYAML.configMap)
    }

    @Test func `warns of arguments that the program replaces and of a program that can't be passed`() throws {
        let manifest = ManifestFixtures.manifest(container: "args: [serve, 1]")
        let server = StepPluginBuild.Server(fileName: "server.py", text: String(repeating: "#", count: 131_072))
        let warnings = try StepPluginBuild(manifest: manifest, server: server).warnings
        #expect(warnings.count == 2)
        #expect(warnings[0].contains(#"args (["serve","1"]) is replaced by server.py"#))
        #expect(warnings[1].contains("128 KiB"))
        #expect(try StepPluginBuild(manifest: manifest, server: nil).warnings.isEmpty)
    }

    @Test(arguments: [
        ("", "must be a mapping"),
        ("a: [", "line 2"),
        (ManifestFixtures.manifest() + "\n---\nx: 1\n", "expected one document"),
        (ManifestFixtures.manifest().replacing("v1alpha1", with: "v2"), "apiVersion: must be"),
        (
            ManifestFixtures.manifest().replacing("kind: StepPlugin", with: "kind: StepPlugn"),
            "kind: must be StepPlugin"
        ),
        (ManifestFixtures.manifest(metadata: "{namespace: x}"), "metadata.name: is required"),
        (ManifestFixtures.manifest(metadata: "{name: Mk_dir}"), "metadata.name: must be"),
        (ManifestFixtures.manifest(metadata: "{name: x, lables: {}}"), "metadata.lables: unknown field"),
        (ManifestFixtures.manifest(container: "imgae: y"), "spec.sidecar.container.imgae: unknown field"),
        (
            ManifestFixtures.manifest(container: "env: [{name: A, valueFrom: {secretKeyRef: {nam: x, key: k}}}]"),
            "spec.sidecar.container.env[0].valueFrom.secretKeyRef.nam: unknown field"
        ),
        (ManifestFixtures.manifest(container: "image: z"), "stands twice"),
        (ManifestFixtures.manifest(ports: "[]"), "spec.sidecar.container.ports: must list"),
        (
            ManifestFixtures.manifest(ports: "[{containerPort: \"9765\"}]"),
            "spec.sidecar.container.ports[0].containerPort: must be an integer"
        ),
        (
            ManifestFixtures.manifest(ports: "[{containerPort: 70000}]"),
            "spec.sidecar.container.ports[0].containerPort: must be between"
        ),
        (
            ManifestFixtures.manifest(resources: "{requests: {}, limits: {cpu: 1}}"),
            "spec.sidecar.container.resources.requests: must"
        ),
        (
            ManifestFixtures.manifest(resources: "{requests: {cpu: 1}}"),
            "spec.sidecar.container.resources.limits: must"
        ),
        (
            ManifestFixtures.manifest(resources: "{requests: {cpu: 1x}, limits: {cpu: 1}}"),
            "spec.sidecar.container.resources.requests.cpu"
        ),
        (
            ManifestFixtures.manifest().replacing("securityContext: {runAsNonRoot: true, runAsUser: 65534}", with: ""),
            "spec.sidecar.container.securityContext: is required"
        ),
        (
            ManifestFixtures.manifest().replacing("name: probe-step-plugin", with: "name: Probe"),
            "spec.sidecar.container.name: must be"
        ),
        (ManifestFixtures.manifest(steps: "[]"), "spec.steps: must list"),
        (ManifestFixtures.manifest(steps: "[{kind: a}, {kind: a}]"), "spec.steps[1].kind: \"a\" is listed twice"),
        (ManifestFixtures.manifest(steps: "[{defaultTimeout: 1s}]"), "spec.steps[0].kind: is required"),
        (ManifestFixtures.manifest(steps: "[{kind: a, defaultTimeout: 5}]"), "spec.steps[0].defaultTimeout"),
        (ManifestFixtures.manifest(steps: "[{kind: a, defaultTimeout: 5x}]"), "spec.steps[0].defaultTimeout"),
        (ManifestFixtures.manifest(steps: "[{kind: a, timeout: 5s}]"), "spec.steps[0].timeout: unknown field"),
    ])
    func `names the field that is wrong`(manifest: String, reason: String) {
        let error = #expect(throws: FieldError.self) { try StepPluginBuild(manifest: manifest, server: nil) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "none")")
    }

    @Test func `refuses what Kubernetes could not store`() {
        let server = StepPluginBuild.Server(fileName: "server.py", text: String(repeating: "x", count: 1024 * 1024))
        let error = #expect(throws: FieldError.self) {
            try StepPluginBuild(manifest: ManifestFixtures.manifest(), server: server)
        }
        #expect(error?.message.contains("Kubernetes stores at most") == true)
    }
}
