/// Points to content of a registry.
struct OCIDescriptor: Sendable, Hashable, Decodable {
    struct Platform: Sendable, Hashable, Decodable {
        var os: String?
        var architecture: String?
    }

    private enum CodingKeys: String, CodingKey {
        case mediaType, digest, size, platform
    }

    let mediaType: String
    let digest: OCIDigest
    let size: Int64
    let platform: Platform?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType) ?? ""
        let text = try container.decode(String.self, forKey: .digest)
        guard let digest = OCIDigest(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: .digest,
                in: container,
                debugDescription: "must be sha256: and 64 lower case hexadecimal digits"
            )
        }
        self.digest = digest
        size = try container.decode(Int64.self, forKey: .size)
        guard size >= 0 else {
            throw DecodingError.dataCorruptedError(
                forKey: .size,
                in: container,
                debugDescription: "must not be negative"
            )
        }
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
    }

    /// Whether the content may be kept in any registry; what may not is fetched from its owner.
    var isDistributable: Bool { !mediaType.contains(".foreign.") && !mediaType.contains(".nondistributable.") }
}
