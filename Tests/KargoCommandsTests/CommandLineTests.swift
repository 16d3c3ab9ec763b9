import ArgumentParser
import KargoTestSupport
import KubernetesClient
import Testing

@testable import KargoCommands

@Suite("The command line")
struct CommandLineTests {
    @Test(
        arguments: [
            "promote", "promote --stage s", "promote --stage s --freight a --freight-alias b", "promote --freight a",
            "promote --abort", "promote --name x", "promote --name x --abort --stage s",
            "promote --name x --abort --wait", "promote --name x --abort --dry-run", "promote --stage s --dry-run",
            "promote --stage s --freight a --dry-run --wait", "promote --stage s --freight a -f x",
            "promote --stage s --freight a --dry-run -o table",
            "promote --stage s --freight a --timeout 5m", "promote --stage s --freight a --wait --timeout soon",
            "promote --stage s --freight a --wait --timeout 0s", "approve --stage s", "approve --freight a",
            "apply", "delete", "delete stage", "delete stage s -f x", "get", "get stages a -A", "get stages a -l x=y",
            "get stages a b -w", "get stages -o text", "create project", "logs promotion", "local status -o yaml",
            "nonsense", "eval", "eval 1 2", "eval --lines 1", "eval --lines -r", "eval --lines --env -",
            "eval 1 --env - --env -", "eval 1 --stage s", "eval 1 --freight f", "eval 1 --step a", "eval 1 -f m",
            "eval 1 --stage s --freight a --freight-alias b", "eval 1 --stage s --freight a -f - --env -", "eval -x",
        ]
    )
    func `is refused with exit code 64 where it makes no sense`(line: String) {
        let error = #expect(throws: (any Error).self) {
            _ = try Kargo.parseAsRoot(line.split(separator: " ").map(String.init))
        }
        #expect(error.map { Kargo.exitCode(for: $0) } == ExitCode(64))
    }

    @Test(
        arguments: [
            "promote --stage s --freight a", "promote -p demo --stage s --freight-alias b --wait --timeout 1h30m",
            "promote --stage s --freight a --dry-run", "promote --stage s --freight a --dry-run -f a -o yaml",
            "promote --name x --abort -n demo", "approve --stage s --freight a", "apply -f a -f b -f -",
            "apply -R -f dir",
            "delete -f a --ignore-not-found", "delete stage a b", "get stages", "get stage a -o yaml --context c",
            "get freight -A -l a=b -w --no-headers", "get promotions -o wide --kubeconfig k", "create project p",
            "logs promotion x --step s -f", "local up --detach --data-dir d", "local up", "local down",
            "local status -o json",
            "version", "step-plugin build .", "eval 1", "eval -r --template 1 --env a --env -", "eval -- -1",
            "eval --lines --env a", "eval --lines --stage s --freight-alias a --step b -p demo -f d -R",
        ]
    )
    func `is understood`(line: String) throws {
        _ = try Kargo.parseAsRoot(line.split(separator: " ").map(String.init))
    }

    @Test func `names the kubeconfig that does not exist`() async throws {
        let options = try ClusterOptions.parse(["--kubeconfig", "/absent/config"])
        let error = await #expect(throws: CommandError.self) { try await options.with { _, _ in } }
        #expect(error?.description == "--kubeconfig /absent/config: no such file")
    }

    @Test func `says how a local cluster is started where none answers`() async throws {
        try await ScopedDirectory.with { directory in
            let config = """
                current-context: c
                contexts: [{name: c, context: {cluster: c, namespace: demo}}]
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
                """
            try directory.write(config, to: "config")
            let options = try ProjectOptions.parse(["--kubeconfig", directory.file("config")])
            let error = await #expect(throws: CommandError.self) {
                try await options.with { api, project in
                    #expect(project == "demo")
                    _ = try await api.discover()
                }
            }
            #expect(error?.description.hasSuffix("a local cluster is started with \"kargo local up\"") == true)
        }
    }
}
