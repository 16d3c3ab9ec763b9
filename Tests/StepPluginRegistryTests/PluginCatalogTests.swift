import ArgoCompat
import KargoCore
import Testing

@testable import StepPluginRegistry

@Suite("Plugin catalog")
struct PluginCatalogTests {
    private static let system = "kargo-system-resources"
    private var catalog = PluginCatalog()

    private func resolve(_ kind: String, project: String = "demo") -> KindResolution? {
        catalog.resolve([kind], project: project, systemNamespace: Self.system) { $0 == "builtin" }[kind]
    }

    /// The plugin that has a kind, as `NAMESPACE/NAME`.
    private func owner(_ kind: String, project: String = "demo") -> String? {
        guard case .plugin(let plugin) = resolve(kind, project: project) else { return nil }
        return "\(plugin.namespace)/\(plugin.name)"
    }

    private func obstacle(_ kind: String) -> String? {
        guard case .unusable(let reason) = resolve(kind) else { return nil }
        return reason
    }

    @Test mutating func `finds plugins of the Project and of the system`() {
        #expect(catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["a1", "a2"])) == [])
        #expect(catalog.insert(PluginMaps.map("b", in: Self.system, kinds: ["b"])) == [])
        #expect(owner("a1") == "demo/a")
        #expect(owner("a2") == "demo/a")
        #expect(owner("b") == "\(Self.system)/b")
        #expect(resolve("c") == .unknown(hint: nil))
    }

    @Test mutating func `finds no plugins of other Projects`() {
        _ = catalog.insert(PluginMaps.map("a", in: "other", kinds: ["a"]))
        #expect(resolve("a") == .unknown(hint: nil))
        #expect(owner("a", project: "other") == "other/a")
    }

    @Test mutating func `prefers the Project's plugin of a name with all that it has and lacks`() {
        _ = catalog.insert(PluginMaps.map("a", in: Self.system, kinds: ["common", "only-system"]))
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["common", "only-project"]))
        #expect(owner("common") == "demo/a")
        #expect(owner("only-project") == "demo/a")
        #expect(resolve("only-system") == .unknown(hint: nil))
        #expect(owner("common", project: "other") == "\(Self.system)/a")
        #expect(owner("only-system", project: "other") == "\(Self.system)/a")
    }

    @Test mutating func `may serve the system namespace as a Project`() {
        _ = catalog.insert(PluginMaps.map("a", in: Self.system, kinds: ["a"]))
        #expect(owner("a", project: Self.system) == "\(Self.system)/a")
    }

    @Test mutating func `never takes a builtin kind for a plugin's`() {
        let notes = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["builtin", "a"])) { $0 == "builtin" }
        #expect(
            notes == [
                "declares step kind \"builtin\", which is builtin: the plugin is never asked for it; rename it"
            ]
        )
        #expect(resolve("builtin") == .builtin)
        #expect(owner("a") == "demo/a")
    }

    @Test mutating func `lets nobody have a kind that two plugins declare and spares the others`() {
        _ = catalog.insert(PluginMaps.map("b", in: Self.system, kinds: ["both", "b"]))
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["both", "a"]))
        #expect(
            obstacle("both")
                == "plugins demo/a and \(Self.system)/b both declare it; remove one of them, or rename the kind"
        )
        #expect(owner("a") == "demo/a")
        #expect(owner("b") == "\(Self.system)/b")
        #expect(owner("both", project: "other") == "\(Self.system)/b")
    }

    @Test mutating func `keeps what is wrong with one ConfigMap from all others`() {
        let notes = catalog.insert(PluginMaps.raw("bad-step-plugin", in: "demo", steps: "- kind: bad"))
        #expect(notes == ["is no usable plugin: data[sidecar.container]: is required"])
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["a"]))
        #expect(owner("a") == "demo/a")
        #expect(
            obstacle("bad")
                == "ConfigMap demo/bad-step-plugin declares it but is invalid: data[sidecar.container]: is required"
        )
        #expect(resolve("builtin") == .builtin)
        #expect(resolve("other") == .unknown(hint: nil))
    }

    @Test(arguments: [nil, "", "{", "- 5", "a: b", "- kind: [x]"])
    func `suspects a ConfigMap whose kinds cannot be read`(steps: String?) {
        var catalog = PluginCatalog()
        _ = catalog.insert(PluginMaps.raw("bad-step-plugin", in: "demo", steps: steps))
        let resolution = catalog.resolve(["x"], project: "demo", systemNamespace: Self.system) { _ in false }["x"]
        guard case .unknown(let hint?) = resolution else {
            Issue.record("\(String(describing: resolution)) has no hint")
            return
        }
        #expect(hint.hasPrefix("ConfigMap demo/bad-step-plugin is invalid: "))
        let elsewhere = catalog.resolve(["x"], project: "other", systemNamespace: Self.system) { _ in false }
        #expect(elsewhere == ["x": .unknown(hint: nil)])
    }

    @Test mutating func `takes an invalid ConfigMap of the Project for an answer too`() {
        _ = catalog.insert(PluginMaps.map("a", in: Self.system, kinds: ["a"]))
        _ = catalog.insert(PluginMaps.raw("a-step-plugin", in: "demo", steps: "- kind: a"))
        #expect(obstacle("a")?.hasPrefix("ConfigMap demo/a-step-plugin declares it but is invalid: ") == true)
        #expect(owner("a", project: "other") == "\(Self.system)/a")
    }

    @Test mutating func `follows changes and ends`() {
        let map = PluginMaps.map("a", in: "demo", kinds: ["old"])
        _ = catalog.insert(map)
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["new"]))
        #expect(resolve("old") == .unknown(hint: nil))
        #expect(owner("new") == "demo/a")
        catalog.remove(map)
        #expect(resolve("new") == .unknown(hint: nil))
        #expect(catalog.plugin("a", namespace: "demo") == nil)
    }

    @Test mutating func `finds a plugin by its name in one namespace`() throws {
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["a"]))
        let plugin = try #require(catalog.plugin("a", namespace: "demo"))
        #expect(plugin.name == "a")
        #expect(plugin.digest.hasPrefix("sha256:"))
        #expect(catalog.plugin("a", namespace: Self.system) == nil)
        #expect(catalog.plugin("b", namespace: "demo") == nil)
    }

    @Test mutating func `tells states of a plugin apart by their digests`() throws {
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["a"]))
        let first = try #require(catalog.plugin("a", namespace: "demo"))
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["a"], version: 2))
        #expect(catalog.plugin("a", namespace: "demo")?.digest == first.digest)
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["a"], image: "probe:2"))
        #expect(catalog.plugin("a", namespace: "demo")?.digest != first.digest)
    }

    @Test mutating func `lets nobody have the kinds of two ConfigMaps of one name`() {
        _ = catalog.insert(PluginMaps.map("a", in: "demo", kinds: ["one"]))
        var twin = PluginMaps.map("a", in: "demo", kinds: ["two"])
        twin.metadata.name = "a"
        _ = catalog.insert(twin)
        let reason = "ConfigMaps demo/a and demo/a-step-plugin both are plugin \"a\"; rename one of them"
        #expect(obstacle("one") == reason)
        #expect(obstacle("two") == reason)
    }

    @Test func `tells the orchestrator what a plugin says of its kinds`() throws {
        var map = PluginMaps.map("a", in: "demo", kinds: [])
        map.data["steps.yaml"] = "[{kind: plain}, {kind: slow, defaultTimeout: 5m, defaultErrorThreshold: 3}]"
        var catalog = PluginCatalog()
        _ = catalog.insert(map)
        let kinds = try #require(catalog.plugin("a", namespace: "demo")).kinds
        #expect(
            kinds == [
                StepKind(name: "plain", minimumPollInterval: .milliseconds(100)),
                StepKind(
                    name: "slow",
                    defaultTimeout: .seconds(300),
                    defaultErrorThreshold: 3,
                    minimumPollInterval: .milliseconds(100)
                ),
            ]
        )
    }
}
