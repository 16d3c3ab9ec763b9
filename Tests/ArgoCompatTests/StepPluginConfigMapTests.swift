import ArgoCompat
import KargoCore
import Testing

@Suite("StepPlugin as a ConfigMap")
struct StepPluginConfigMapTests {
    private func plugin(_ manifest: String = ManifestFixtures.mkdir) throws -> StepPlugin {
        try StepPluginBuild(manifest: manifest, server: ManifestFixtures.mkdirServer).plugin
    }

    @Test func `comes back as it went`() throws {
        var plugin = try plugin()
        plugin.spec.sidecar.automountServiceAccountToken = true
        plugin.metadata.annotations = ["a": "b"]
        plugin.metadata.labels = ["team": "x"]
        let (read, warnings) = try StepPlugin.reading(plugin.configMap)
        #expect(read == plugin)
        #expect(warnings.isEmpty)
    }

    @Test func `keeps the author from hiding the plugin with a label`() throws {
        var plugin = try plugin()
        plugin.metadata.labels = [StepPlugin.configMapLabel: "Something", "team": "x"]
        #expect(try plugin.configMap.metadata.labels == [StepPlugin.configMapLabel: "StepPlugin", "team": "x"])
    }

    @Test func `takes true and nothing else for true`() throws {
        var map = try plugin().configMap
        for (text, value) in [("true", true), ("True", false), ("yes", false), ("", false)] {
            map.data["sidecar.automountServiceAccountToken"] = text
            #expect(try StepPlugin.reading(map).plugin.spec.sidecar.automountServiceAccountToken == value)
        }
        map.data["sidecar.automountServiceAccountToken"] = nil
        #expect(try !StepPlugin.reading(map).plugin.spec.sidecar.automountServiceAccountToken)
    }

    @Test func `leaves out fields of a newer version and says so`() throws {
        var map = try plugin().configMap
        map.data["sidecar.container", default: ""] += "fromTheFuture: {x: 1}\n"
        map.data["steps.yaml"] = "- {kind: mkdir, shiny: true}\n"
        let (plugin, warnings) = try StepPlugin.reading(map)
        #expect(plugin.spec.steps == [StepPlugin.Step(kind: "mkdir")])
        #expect(
            warnings == [
                "data[sidecar.container]: unknown field fromTheFuture is left out",
                "data[steps.yaml]: unknown field [0].shiny is left out",
            ]
        )
    }

    @Test func `is named as the ConfigMap where that lacks the suffix`() throws {
        var map = try plugin().configMap
        map.metadata.name = "odd"
        #expect(try StepPlugin.reading(map).plugin.name == "odd")
    }

    @Test(arguments: [
        ("sidecar.container", nil, "data[sidecar.container]: is required"),
        ("sidecar.container", "{name: [", "data[sidecar.container]: line 2"),
        ("sidecar.container", "name: x", "spec.sidecar.container.ports"),
        ("sidecar.container", "ports: 5", "data[sidecar.container]: ports: must be an array"),
        ("steps.yaml", nil, "data[steps.yaml]: is required"),
        ("steps.yaml", "[]", "spec.steps"),
        ("steps.yaml", "kind: x", "data[steps.yaml]: must be an array"),
    ])
    func `names the key that is wrong`(key: String, text: String?, reason: String) throws {
        var map = try plugin().configMap
        map.data[key] = text
        let error = #expect(throws: FieldError.self) { try StepPlugin.reading(map) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "none")")
    }

    @Test func `refuses a ConfigMap of another type`() throws {
        var map = try plugin().configMap
        map.metadata.labels[StepPlugin.configMapLabel] = "ExecutorPlugin"
        #expect(throws: FieldError.self) { try StepPlugin.reading(map) }
    }

    @Test func `has a digest that changes with what runs and only then`() throws {
        let first = try plugin()
        var second = first
        second.metadata.labels = ["x": "y"]
        #expect(try first.digest == second.digest)
        second.spec.sidecar.container.image = "other"
        #expect(try first.digest != second.digest)
    }
}
