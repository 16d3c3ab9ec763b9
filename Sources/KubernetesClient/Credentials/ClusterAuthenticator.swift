import NIOSSL
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Proves to a server who is calling, with credentials that may be renewed while the program runs.
actor ClusterAuthenticator {
    /// What goes with a request.
    struct Proof: Sendable {
        /// The value of `Authorization`.
        var authorization: String?
        /// The client certificate of a plugin, or authorities or a certificate that have been replaced, with everything
        /// else that a connection needs; nil for the connection's own configuration.
        var tls: TLSConfiguration?
        /// Tells proofs apart.
        fileprivate(set) var number = 0
        /// How often files of the connection had been replaced.
        fileprivate(set) var renewals = 0
    }

    /// How old a token from a file may be.
    static let longestTokenAge = Duration.seconds(30)

    private var configuration: ClusterConfiguration
    private let now: @Sendable () -> Date
    private let elapsed: @Sendable () -> Duration
    private let runPlugin: @Sendable (ExecPlugin) async throws -> ExecCredential
    private var current: Proof?
    /// When the current proof was read.
    private var readAt = Duration.zero
    /// When the files that a connection needs were looked at.
    private var filesReadAt = Duration.zero
    /// What connections need since a file of theirs has been replaced; nil before.
    private var renewedTLS: TLSConfiguration?
    /// How often that was so.
    private var renewals = 0
    /// When the current proof ends.
    private var expiration: Date?
    private var renewal: Renewal?
    private var count = 0

    init(
        _ configuration: ClusterConfiguration,
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        runPlugin: @escaping @Sendable (ExecPlugin) async throws -> ExecCredential = { try await $0.run() }
    ) {
        self.configuration = configuration
        self.now = now
        elapsed = clock.stopwatch
        self.runPlugin = runPlugin
    }

    /// What goes with the next request.
    ///
    /// - Throws: ``KubernetesError`` with code `configuration` where a file or a plugin has nothing to offer;
    ///   `CancellationError`.
    func proof() async throws -> Proof {
        readFiles()
        var proof =
            switch configuration.credentials {
            case .anonymous: Proof()
            case .token(let token): Proof(authorization: "Bearer \(token)")
            case .tokenFile(let path): try token(from: path)
            case .exec(let plugin): try await credential(of: plugin)
            }
        proof.renewals = renewals
        if let renewedTLS {
            if proof.tls == nil { proof.tls = renewedTLS } else { proof.tls?.trustRoots = renewedTLS.trustRoots }
        }
        return proof
    }

    /// Takes note that there was no connection: the server may have a certificate of another authority by now, or no
    /// more take the client's.
    func noteFailure() { filesReadAt = elapsed() - Self.longestTokenAge }

    /// Reads authorities and certificate again; the last ones stay where a file can't be used just now.
    private func readFiles() {
        guard elapsed() - filesReadAt >= Self.longestTokenAge else { return }
        filesReadAt = elapsed()
        if let path = configuration.certificateAuthorityFile,
            let authority = try? ClusterConfiguration.contents(of: path)
        {
            renew { $0.certificateAuthority = authority }
        }
        if let certificate = configuration.clientCertificate?.renewed() { renew { $0.clientCertificate = certificate } }
    }

    private func renew(_ change: (inout ClusterConfiguration) -> Void) {
        var renewed = configuration
        change(&renewed)
        guard renewed != configuration, let tls = try? renewed.tlsConfiguration() else { return }
        configuration = renewed
        renewedTLS = tls
        renewals += 1
    }

    /// Takes note that the server did not accept a proof.
    ///
    /// - Returns: Whether there may be a better one.
    func isReplaceable(_ proof: Proof) -> Bool {
        if configuration.clientCertificate?.chainFile != nil {
            noteFailure()
            readFiles()
        }
        if proof.renewals != renewals { return true }
        switch configuration.credentials {
        case .anonymous, .token: return false
        case .tokenFile(let path):
            if current?.number != proof.number { return true }
            readAt = elapsed() - Self.longestTokenAge
            guard let next = try? token(from: path) else { return false }
            return next.number != proof.number
        case .exec:
            if current?.number == proof.number { current = nil }
            return true
        }
    }

    /// The token in a file; the last one where the file can't be read just now.
    private func token(from path: String) throws(KubernetesError) -> Proof {
        if let current, elapsed() - readAt < Self.longestTokenAge { return current }
        do throws(KubernetesError) {
            let text = String(decoding: try ClusterConfiguration.contents(of: path), as: UTF8.self)
            let token = text.filter { !$0.isWhitespace }
            if token.isEmpty { throw KubernetesError(.configuration, "the token file \(path) is empty") }
            readAt = elapsed()
            let authorization = "Bearer \(token)"
            if let current, current.authorization == authorization { return current }
            return keep(Proof(authorization: authorization))
        } catch {
            guard let current else { throw error }
            return current
        }
    }

    private func credential(of plugin: ExecPlugin) async throws -> Proof {
        if let current, expiration.map({ $0 > now() }) ?? true { return current }
        let renewal = renewal ?? Renewal { [runPlugin] in try await runPlugin(plugin) }
        self.renewal = renewal
        let result = await renewal.wait()
        // The first that comes back takes the result over for all.
        if self.renewal === renewal {
            self.renewal = nil
            if case .success(let credential) = result { try take(credential, from: plugin) }
        }
        try Task.checkCancellation()
        switch result {
        case .success:
            if let current { return current }
        case .failure(is CancellationError): break
        case .failure(let error): throw error
        }
        return try await credential(of: plugin)
    }

    private func take(_ credential: ExecCredential, from plugin: ExecPlugin) throws(KubernetesError) {
        var proof = Proof(authorization: credential.token.map { "Bearer \($0)" })
        if let certificate = credential.certificate {
            var configuration = configuration
            configuration.clientCertificate = .init(chain: certificate.chain, key: certificate.key)
            do throws(KubernetesError) {
                proof.tls = try configuration.tlsConfiguration()
            } catch {
                throw KubernetesError(
                    .configuration,
                    "\(plugin.source): the client certificate of the credential plugin \"\(plugin.command)\" "
                        + "can't be read: \(error)"
                )
            }
        }
        expiration = credential.expiration
        _ = keep(proof)
    }

    private func keep(_ proof: Proof) -> Proof {
        count += 1
        var proof = proof
        proof.number = count
        current = proof
        return proof
    }
}

/// A run of a plugin for which any number of requests wait; it ends with the last of them.
private final class Renewal: Sendable {
    private let task: Task<ExecCredential, any Error>
    private let waiters = Mutex(0)

    init(_ body: @escaping @Sendable () async throws -> ExecCredential) {
        // No child of the first request, which may be cancelled while others wait.
        task = Task { try await body() }
    }

    func wait() async -> Result<ExecCredential, any Error> {
        waiters.withLock { $0 += 1 }
        return await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            let isLast = waiters.withLock { waiters in
                waiters -= 1
                return waiters == 0
            }
            if isLast { task.cancel() }
        }
    }
}

extension Clock<Duration> {
    /// Tells how much time has gone by since now.
    var stopwatch: @Sendable () -> Duration {
        let start = now
        return { start.duration(to: now) }
    }
}
