import ArgoCompat
import KargoCore
import StepPluginRegistry
import Testing

@testable import AgentPod

@Suite("Service account of an agent Pod")
struct AgentServiceAccountTests {
    private func plugin(_ name: String, asks: Bool = true) -> RegisteredPlugin {
        var plugin = PluginFixtures.plugin(name)
        plugin.plugin.spec.sidecar.automountServiceAccountToken = asks
        return plugin
    }

    private func path(_ name: String) -> String { "/api/v1/namespaces/demo/serviceaccounts/\(name)" }

    private func resolve(_ plugins: [RegisteredPlugin], having accounts: String...) async throws -> String? {
        let api = ScriptedAPI(Dictionary(uniqueKeysWithValues: accounts.map { (path($0), ["kind": "ServiceAccount"]) }))
        return try await AgentServiceAccount.resolve(for: plugins, project: "demo", api: api)
    }

    @Test func `is none where no plugin asks, and nobody looks for one`() async throws {
        let api = ScriptedAPI([:])
        let account = try await AgentServiceAccount.resolve(for: [plugin("a", asks: false)], project: "demo", api: api)
        #expect(account == nil)
        #expect(api.paths == [])
    }

    @Test func `is the plugin's own, or default where the Project has none of that name`() async throws {
        #expect(try await resolve([plugin("a"), plugin("b", asks: false)], having: "a-step-plugin") == "a-step-plugin")
        #expect(try await resolve([plugin("a")]) == "default")
        #expect(try await resolve([plugin("a"), plugin("b")], having: "other") == "default")
    }

    @Test(arguments: [true, false])
    func `can't be two, whatever order plugins come in`(isReversed: Bool) async throws {
        let plugins = isReversed ? [plugin("b"), plugin("a")] : [plugin("a"), plugin("b")]
        let refusal = try await #require(throws: AgentPodTemplate.Refusal.self) {
            try await resolve(plugins, having: "b-step-plugin")
        }
        #expect(
            refusal.description
                == "plugin \"a\" runs as service account \"default\" and plugin \"b\" as \"b-step-plugin\", but a Pod "
                + "has one; use them in different Promotions, or have automountServiceAccountToken set for one of them "
                + "only"
        )
    }
}
