import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a credential plugin has handed out.
struct ExecCredential: Sendable, Hashable {
    struct Certificate: Sendable, Hashable {
        let chain: [UInt8]
        let key: [UInt8]
    }

    /// Why an output can't be used.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    var token: String?
    var certificate: Certificate?
    /// When it ends; nil if it lasts as long as this process, or until the server refuses it.
    var expiration: Date?

    /// Reads the output of a plugin; messages say what is wrong without a word of it.
    init(_ output: [UInt8], apiVersion: String) throws(Malformed) {
        guard let value = try? JSONValue(parsing: output), value.objectValue != nil else {
            throw Malformed(description: "its output is not a JSON object")
        }
        guard value["kind"] == "ExecCredential", value["apiVersion"]?.stringValue == apiVersion else {
            throw Malformed(description: "its output is not an ExecCredential of \(apiVersion)")
        }
        guard let status = value["status"], status.objectValue != nil else {
            throw Malformed(description: "its output has no status")
        }
        token = status["token"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        let chain = status["clientCertificateData"]?.stringValue ?? ""
        let key = status["clientKeyData"]?.stringValue ?? ""
        switch (chain.isEmpty, key.isEmpty) {
        case (true, true): certificate = nil
        case (false, false): certificate = Certificate(chain: Array(chain.utf8), key: Array(key.utf8))
        default: throw Malformed(description: "its output has only one of clientCertificateData and clientKeyData")
        }
        if token == nil, certificate == nil {
            throw Malformed(description: "its output has neither a token nor a client certificate")
        }
        switch status["expirationTimestamp"] {
        case nil, .null: expiration = nil
        case .string(let text):
            guard let time = try? KubernetesTime(text) else {
                throw Malformed(description: "its output has an expirationTimestamp that is no time of RFC 3339")
            }
            expiration = time.date
        default: throw Malformed(description: "its output has an expirationTimestamp that is no text")
        }
    }
}
