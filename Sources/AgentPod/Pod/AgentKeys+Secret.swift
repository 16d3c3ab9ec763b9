import KargoCore
public import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AgentKeys {
    /// The name of the Secret, in the controller's own namespace.
    public static let secretName = "kargo-agent-key"
    /// The entry of the Secret with the current key, and the one with the key before.
    ///
    /// To change keys, the operator moves the one to the other's name and puts another in its place.
    static let entries = (current: "key", previous: "previous-key")

    /// Reads the keys from their Secret, or makes it.
    ///
    /// Of two controllers that make it at the same time one does, and both take its keys.
    ///
    /// - Parameters:
    ///   - api: The cluster that the controller runs in.
    ///   - namespace: The controller's namespace.
    /// - Returns: The keys.
    /// - Throws: `AgentKey.Failure`: the Secret can't be read or made, or holds none; `CancellationError`.
    public static func load(api: any KubernetesAPI, namespace: String) async throws -> AgentKeys {
        let title = "Secret \"\(secretName)\" in namespace \(namespace)"
        do {
            if let keys = try await read(api, namespace, title) { return keys }
            do {
                _ = try await api.create(.secrets, namespace: namespace, make(namespace))
            } catch let error as KubernetesError where error.code == .alreadyExists {
                // Another controller was first.
            }
            guard let keys = try await read(api, namespace, title) else {
                throw AgentKey.Failure(description: "\(title) was deleted as soon as it was made; leave it")
            }
            return keys
        } catch let error as KubernetesError {
            throw AgentKey.Failure(
                description:
                    "\(title) can't be read or made: \(error.message); grant the controller get on it and create "
                    + "on Secrets in its namespace, or set KARGO_AGENT_KEY_FILE"
            )
        }
    }

    private static func read(
        _ api: any KubernetesAPI,
        _ namespace: String,
        _ title: String
    ) async throws -> AgentKeys? {
        let secret: Secret
        do {
            let value = try await api.get(.secrets, namespace: namespace, name: secretName)
            secret = try JSONValueDecoder().decode(Secret.self, from: value)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
        guard let current = try key(entries.current, of: secret, title) else {
            throw AgentKey.Failure(
                description: "\(title) has no entry \"\(entries.current)\"; delete it to have it made"
            )
        }
        return AgentKeys(current: current, previous: try key(entries.previous, of: secret, title))
    }

    private static func key(_ entry: String, of secret: Secret, _ title: String) throws(AgentKey.Failure) -> [UInt8]? {
        let bytes: [UInt8]?
        do {
            bytes = try secret.bytes(forKey: entry)
        } catch {
            throw AgentKey.Failure(description: "\(title): \(error)")
        }
        guard let bytes else { return nil }
        guard bytes.count >= AgentKey.minimumByteCount else {
            throw AgentKey.Failure(
                description: "\(title): entry \"\(entry)\" has \(bytes.count) bytes; "
                    + "\(AgentKey.minimumByteCount) are the fewest"
            )
        }
        return bytes
    }

    private static func make(_ namespace: String) throws -> JSONValue {
        var secret = Secret()
        secret.apiVersion = "v1"
        secret.kind = "Secret"
        secret.metadata.name = secretName
        secret.metadata.namespace = namespace
        secret.type = "Opaque"
        secret.data = [entries.current: Data(Token.random().utf8).base64EncodedString()]
        return try JSONValueEncoder().encode(secret)
    }
}
