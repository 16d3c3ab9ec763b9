import KargoCore

@testable import BuiltinSteps

/// Runs an `http` step against a server of this process.
struct HTTPBench: Sendable {
    let bench: StepBench
    let server: StubServer
    /// Hosts that the resolver knows; others are looked up as addresses.
    var hosts: [String: [String]] = [:]
    var environment: [String: String] = [:]

    static func with(
        hosts: [String: [String]] = [:],
        environment: [String: String] = [:],
        answer: StubServer.Answer,
        _ body: (HTTPBench) async throws -> Void
    ) async throws {
        try await StepBench.with { bench async throws in
            try await StubServer.with(answer: answer) { server in
                try await body(HTTPBench(bench: bench, server: server, hosts: hosts, environment: environment))
            }
        }
    }

    /// Runs a step; a URL that is left out is the server's.
    func run(_ config: [String: JSONValue] = [:]) async throws -> StepResult {
        let resolver = HostResolver { [hosts] host in hosts[host] ?? [host] }
        let sender = HTTPSender(resolver: resolver, proxies: ProxyRules(environment: environment))
        let whole = config.merging(["url": .string(server.url("/"))]) { given, _ in given }
        return try await HTTPStep(sender: sender).run(bench.context("http", .object(whole)))
    }
}
