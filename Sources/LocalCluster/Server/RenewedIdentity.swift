import Logging
import NIOSSL
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's identity while it serves: certificates are replaced before they end, for the connections that begin
/// then.
///
/// It looks at the time whenever a connection begins, so a machine that has slept is no special case.
final class RenewedIdentity: Sendable {
    private struct State {
        var identity: ServerIdentity
        var credentials: NIOSSLContextConfigurationOverride
        /// When renewing is due, or is tried again.
        var due: Date
    }

    /// How long after a failure it is tried again.
    private static let pause = 3600.0

    private let directory: String
    private let addresses: [String]
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let onNewAuthority: @Sendable (ServerIdentity) -> Void
    private let state: Mutex<State>

    /// Reads the identity of a data directory, or makes it.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - addresses: The IP addresses besides loopback that the server is reached at.
    ///   - now: The time.
    ///   - logger: Hears of renewals, and of those that fail.
    ///   - onNewAuthority: Told of an authority that clients do not know yet.
    /// - Throws: What ``ServerIdentity/load(directory:addresses:now:)`` throws; the files hold no certificate or key.
    init(
        directory: String,
        addresses: [String],
        now: @escaping @Sendable () -> Date,
        logger: Logger,
        onNewAuthority: @escaping @Sendable (ServerIdentity) -> Void
    ) throws {
        self.directory = directory
        self.addresses = addresses
        self.now = now
        self.logger = logger
        self.onNewAuthority = onNewAuthority
        let identity = try ServerIdentity.load(directory: directory, addresses: addresses, now: now())
        let credentials = try Self.credentials(identity)
        state = Mutex(State(identity: identity, credentials: credentials, due: identity.renewal))
    }

    /// The identity that connections are given now.
    var current: ServerIdentity { state.withLock(\.identity) }

    /// What a connection that begins now is given.
    ///
    /// When renewing fails, that is what there was: a certificate that is about to end is better than none.
    func credentials() -> NIOSSLContextConfigurationOverride {
        let moment = now()
        let (credentials, successor) = state.withLock {
            state -> (NIOSSLContextConfigurationOverride, ServerIdentity?) in
            guard moment >= state.due else { return (state.credentials, nil) }
            do {
                let identity = try ServerIdentity.load(directory: directory, addresses: addresses, now: moment)
                let isNewAuthority = identity.authority != state.identity.authority
                state = State(
                    identity: identity,
                    credentials: try Self.credentials(identity),
                    due: identity.renewal
                )
                logger.info("the server's certificate was renewed")
                return (state.credentials, isNewAuthority ? identity : nil)
            } catch {
                logger.warning("the server's certificate can't be renewed", metadata: ["error": "\(error)"])
                state.due = moment + Self.pause
                return (state.credentials, nil)
            }
        }
        if let successor { onNewAuthority(successor) }
        return credentials
    }

    private static func credentials(_ identity: ServerIdentity) throws -> NIOSSLContextConfigurationOverride {
        var credentials = NIOSSLContextConfigurationOverride()
        credentials.certificateChain = try NIOSSLCertificate.fromPEMBytes(identity.certificate)
            .map { .certificate($0) }
        credentials.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
        return credentials
    }
}
