import KargoCore

/// A Secret that holds credentials.
struct CredentialSecret: Sendable {
    /// Keys of its data.
    enum Key {
        static let repoURL = "repoURL"
        static let repoURLIsRegex = "repoURLIsRegex"
    }

    let namespace: String
    let name: String
    let annotations: [String: String]
    private let secret: Secret

    init(_ secret: Secret) {
        self.secret = secret
        namespace = secret.metadata.namespace
        name = secret.metadata.name
        annotations = secret.metadata.annotations
    }

    /// The text under a key; nil if there is none or it is empty.
    ///
    /// - Throws: ``CredentialsFailure`` if it is no text.
    func text(_ key: String) throws(CredentialsFailure) -> String? {
        let bytes: [UInt8]?
        do throws(ValueError) {
            bytes = try secret.bytes(forKey: key)
        } catch {
            throw failure(key, "is not base64")
        }
        guard let bytes, !bytes.isEmpty else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure(key, "is not text in UTF-8") }
        return text
    }

    /// The text under a key that must be there.
    ///
    /// - Throws: ``CredentialsFailure`` if it is not.
    func required(_ key: String) throws(CredentialsFailure) -> String {
        guard let text = try text(key) else { throw failure(key, "is missing") }
        return text
    }

    /// Whether there is anything under a key.
    func contains(_ key: String) -> Bool { !(secret.data[key] ?? "").isEmpty }

    /// What is wrong with a field.
    func failure(_ field: String, _ problem: String) -> CredentialsFailure {
        CredentialsFailure("Secret \"\(namespace)/\(name)\": field \(field) \(problem)")
    }
}

/// Why credentials can't be had; there is no secret in it.
public struct CredentialsFailure: Error, Hashable, CustomStringConvertible {
    /// What went wrong, and with which Secret and field.
    public let description: String

    /// Makes the error.
    init(_ description: String) { self.description = description }
}
