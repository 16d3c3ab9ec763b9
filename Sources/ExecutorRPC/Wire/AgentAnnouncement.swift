/// What the init container of an agent Pod tells the controller, as its termination message.
///
/// Only the kubelet can write it, so whoever knows the Pod knows the agent's certificate.
public struct AgentAnnouncement: Sendable, Hashable, Codable {
    /// The version of ``AgentProtocol`` that this program speaks.
    public static let currentVersion = 1

    /// The version of ``AgentProtocol`` that the agent speaks.
    public var version: Int
    /// The agent's certificate in PEM.
    public var certificate: String

    /// Makes an announcement.
    public init(version: Int = currentVersion, certificate: String) {
        self.version = version
        self.certificate = certificate
    }

    private enum CodingKeys: String, CodingKey {
        case version = "protocol"
        case certificate
    }
}
