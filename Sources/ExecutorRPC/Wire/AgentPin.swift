import KargoCore
import NIOSSL

/// The one certificate that a controller takes from the agent of a Pod.
public struct AgentPin: Sendable, Hashable {
    /// The name that the certificate is for, whatever the address of the Pod.
    public static let serverName = "promotion-agent"

    /// The certificate in PEM.
    public let certificate: [UInt8]
    private let parsed: NIOSSLCertificate

    /// Reads the announcement of an init container.
    ///
    /// - Parameter message: The container's termination message; see ``AgentAnnouncement``.
    /// - Throws: ``AgentFailure``: it is none, or of another version.
    public init(message: String) throws(AgentFailure) {
        let announcement: AgentAnnouncement
        do {
            announcement = try JSONValueDecoder().decode(AgentAnnouncement.self, from: JSONValue(parsing: message))
        } catch {
            throw .unreachable("what its init container left can't be read: \(error)")
        }
        guard announcement.version == AgentAnnouncement.currentVersion else {
            throw .unreachable(
                "its image speaks protocol \(announcement.version) and the controller "
                    + "\(AgentAnnouncement.currentVersion); use images of one release"
            )
        }
        certificate = Array(announcement.certificate.utf8)
        guard let list = try? NIOSSLCertificate.fromPEMBytes(certificate), list.count == 1, let only = list.first else {
            throw .unreachable("its init container left something else than one certificate")
        }
        guard Certificate.covers(certificate, name: Self.serverName) else {
            throw .unreachable("the certificate that its init container left is not for \(Self.serverName)")
        }
        parsed = only
    }

    /// How a controller speaks TLS with the agent.
    var tlsConfiguration: TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv13
        tls.trustRoots = .certificates([parsed])
        // Nobody but the holder of this one's key is taken, and the name in it was looked at; addresses of Pods change.
        tls.certificateVerification = .noHostnameVerification
        return tls
    }
}
