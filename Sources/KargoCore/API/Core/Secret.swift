// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Confidential data; the values of `data` are base64.
public struct Secret: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    public var immutable: Bool?
    @OmitEmpty public var data: [String: String] = [:]
    @OmitEmpty public var stringData: [String: String] = [:]
    @OmitEmpty public var type = ""

    public init() {}
}

extension Secret {
    /// The bytes under a key of `data`, or nil where there is no such key.
    ///
    /// - Throws: ``ValueError`` when the value is not base64.
    public func bytes(forKey key: String) throws(ValueError) -> [UInt8]? {
        guard let text = data[key] else { return nil }
        // Go's decoder passes over line ends, and over nothing else.
        let encoded = Data(text.utf8.filter { $0 != 0x0A && $0 != 0x0D })
        guard let bytes = Data(base64Encoded: encoded) else {
            throw ValueError(message: "key \(key.debugDescription) of the Secret's data is not base64")
        }
        return Array(bytes)
    }
}
