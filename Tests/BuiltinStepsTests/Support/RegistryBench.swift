import KargoCore
import NIOSSL
import Synchronization

@testable import BuiltinSteps

/// Runs the steps that talk to registries, against one of this process.
struct RegistryBench: Sendable {
    let bench: StepBench
    let registry: StubRegistry
    let server: StubServer
    var credentials = StubCredentials()
    /// Hosts that the resolver knows; others are looked up as addresses.
    var hosts: [String: [String]] = [:]
    var environment: [String: String] = [:]
    private let pauses = PauseLog()

    /// What the steps waited for.
    var waits: [Duration] { pauses.waits }

    /// The registry, as references name it.
    var host: String { "127.0.0.1:\(server.port)" }

    static func with(
        _ registry: StubRegistry = StubRegistry(),
        tls: NIOSSLContext? = nil,
        _ body: (RegistryBench) async throws -> Void
    ) async throws {
        try await StepBench.with { bench async throws in
            try await StubServer.with(tls: tls, answer: registry.answer) { server in
                try await body(RegistryBench(bench: bench, registry: registry, server: server))
            }
        }
    }

    private init(bench: StepBench, registry: StubRegistry, server: StubServer) {
        self.bench = bench
        self.registry = registry
        self.server = server
    }

    private var access: OCIAccess {
        let sender = HTTPSender(
            resolver: HostResolver { [hosts] host in hosts[host] ?? [host] },
            proxies: ProxyRules(environment: environment)
        )
        var policy = RegistryPolicy(environment: environment)
        policy.sleep = { [pauses] in pauses.add($0) }
        return OCIAccess(sender: sender, credentials: credentials, policy: policy)
    }

    /// Downloads a layer to `out`, unless the configuration says otherwise.
    func download(
        _ reference: String,
        _ config: [String: JSONValue] = [:],
        limit: SizeLimit = OCIDownloadStep.standardLimit
    ) async throws -> StepResult {
        let standard: [String: JSONValue] = ["imageRef": .string(reference), "outPath": "out"]
        let whole = JSONValue.object(config.merging(standard) { given, _ in given })
        return try await OCIDownloadStep(access: access, limit: limit).run(context("oci-download", whole))
    }

    func push(
        _ source: String,
        to destination: String,
        annotations: [String: JSONValue] = [:],
        limit: SizeLimit = OCIPushStep.standardLimit,
        trustsAny: Bool = false
    ) async throws -> StepResult {
        let config: JSONValue = [
            "srcRef": .string(source), "destRef": .string(destination), "annotations": .object(annotations),
            "insecureSkipTLSVerify": .bool(trustsAny),
        ]
        return try await OCIPushStep(access: access, limit: limit).run(context("oci-push", config))
    }

    private func context(_ kind: String, _ config: JSONValue) -> StepContext {
        var context = bench.context(kind, config)
        context.promotion.project = "demo"
        return context
    }

    /// What was asked of the registry after it was found.
    var requests: [StubServer.Request] { server.requests.filter { $0.path != "/v2/" } }
}

/// Remembers pauses in place of making them.
private final class PauseLog: Sendable {
    private let log = Mutex<[Duration]>([])

    var waits: [Duration] { log.withLock { $0 } }

    func add(_ duration: Duration) { log.withLock { $0.append(duration) } }
}
