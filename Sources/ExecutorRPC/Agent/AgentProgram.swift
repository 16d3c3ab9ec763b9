import ArgoCompat
import AsyncHTTPClient
public import KargoCore
public import Logging
import UnixSignals

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the main container of an agent Pod does: it runs the steps that the controller sends.
public struct AgentProgram: Sendable {
    /// The environment is not what the controller writes.
    public struct ConfigurationError: Error, CustomStringConvertible {
        /// The variable, what is wrong with it and what it must be.
        public let description: String
    }

    /// How the program ended.
    public enum Ending: Int32, Sendable {
        /// Nobody has needed it for a day.
        case abandoned = 0
        /// It was asked to end (SIGTERM). Not zero, so that a Pod whose sandbox is lost is started again.
        case terminated = 143
    }

    /// After how long without a word from the controller the agent gives up.
    private static let patience = Duration.seconds(24 * 3600)

    private let registry: StepRegistry
    private let tokenDigest: [UInt8]
    private let targets: [String: PluginTarget]
    private let listen: String
    private let hasOwnUsers: Bool
    private let tokensDirectory: String
    private let identityDirectory: String
    private let logger: Logger

    /// Makes the program.
    ///
    /// - Parameters:
    ///   - environment: The process's environment; see ``AgentLayout/Variable``.
    ///   - registry: The kinds of step that run in the agent itself.
    ///   - tokensDirectory: Where the tokens of the sidecars are.
    ///   - identityDirectory: Where the agent's key is.
    ///   - logger: Where it tells what happens.
    /// - Throws: ``ConfigurationError``.
    public init(
        environment: [String: String],
        registry: StepRegistry,
        tokensDirectory: String = AgentLayout.tokens,
        identityDirectory: String = AgentLayout.identity,
        logger: Logger
    ) throws(ConfigurationError) {
        guard let digest = environment[AgentLayout.Variable.tokenDigest].flatMap(Self.bytes), digest.count == 32 else {
            throw ConfigurationError(
                description: "\(AgentLayout.Variable.tokenDigest) must be the SHA-256 of a token, 64 hexadecimal digits"
            )
        }
        let text = environment[AgentLayout.Variable.targets] ?? "{}"
        do {
            targets = try JSONValueDecoder().decode([String: PluginTarget].self, from: JSONValue(parsing: text))
        } catch {
            throw ConfigurationError(description: "\(AgentLayout.Variable.targets) can't be read: \(error)")
        }
        tokenDigest = digest
        listen = ListenAddress.choose(pod: environment[AgentLayout.Variable.listen] ?? "")
        hasOwnUsers = environment[AgentLayout.Variable.user] == String(getuid())
        self.registry = registry
        self.tokensDirectory = tokensDirectory
        self.identityDirectory = identityDirectory
        self.logger = logger
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Runs until it is asked to end, or nobody needs it any more.
    ///
    /// - Parameter onReady: Called with the port when the agent listens.
    /// - Returns: How it ended.
    /// - Throws: When it can't listen, and when a token or the key can't be read.
    public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws -> Ending {
        // Files and directories are everybody's in the group, whose members all containers are.
        umask(0o007)
        let client = HTTPPluginTransport.makeClient(users: hasOwnUsers ? Self.users(targets.values) : [:])
        let outcome: Result<Ending, any Error>
        do {
            let (identity, plugins) = try loadSecrets(client)
            let dispatcher = StepDispatcher(registry: registry, plugins: plugins)
            let executions = ExecutionService(bootID: UUID().uuidString) { try await dispatcher.run($0, timeout: $1) }
            outcome = .success(try await serve(executions, identity.pair, onReady: onReady))
            await executions.cancelAll()
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        return try outcome.get()
    }

    private func serve(
        _ executions: ExecutionService,
        _ identity: Certificate.Pair,
        onReady: @escaping @Sendable (Int) async -> Void
    ) async throws -> Ending {
        let lastWord = LastWord(clock: ContinuousClock())
        let server = AgentServer(
            executions: executions,
            identity: identity,
            tokenDigest: tokenDigest,
            host: listen,
            logger: logger,
            noteRequest: { lastWord.note() }
        )
        return try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask {
                try await server.run(onReady: onReady)
                return .terminated
            }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
                return .terminated
            }
            group.addTask {
                try await lastWord.waitForSilence(of: Self.patience)
                return .abandoned
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .terminated
        }
    }

    /// Reads the tokens and the key, and leaves nothing to read for the programs that steps start.
    func loadSecrets(_ client: HTTPClient) throws -> (AgentIdentity, [String: PluginClient]) {
        let seal = AgentSeal(tokens: tokensDirectory, identity: identityDirectory)
        try seal.open()
        let secrets = (try AgentIdentity.load(from: identityDirectory), try plugins(client))
        try seal.close()
        return secrets
    }

    /// The users of plugins by their ports.
    private static func users(_ targets: some Sequence<PluginTarget>) -> [Int: UInt32] {
        var users: [Int: UInt32] = [:]
        for target in targets {
            guard let port = target.address.split(separator: ":").last.flatMap({ Int($0) }) else { continue }
            users[port] = target.runAsUser
        }
        return users
    }

    private func plugins(_ client: HTTPClient) throws -> [String: PluginClient] {
        var clients: [PluginTarget: PluginClient] = [:]
        for target in Set(targets.values) {
            let path = "\(tokensDirectory)/\(target.containerName)/\(AgentLayout.tokenFile)"
            let token = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            clients[target] = PluginClient(
                transport: try HTTPPluginTransport(
                    address: target.address,
                    token: token,
                    user: hasOwnUsers ? target.runAsUser : nil,
                    client: client
                ),
                remembersUnsupported: false
            )
        }
        return targets.compactMapValues { clients[$0] }
    }
}
