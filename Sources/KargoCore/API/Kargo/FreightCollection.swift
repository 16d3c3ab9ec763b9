/// All Freight that a Stage has, one of each origin.
public struct FreightCollection: Sendable, Hashable, Codable {
    /// A digest of the Freights' names.
    public private(set) var id: String
    /// The Freight by origin, as in `Warehouse/NAME`.
    @OmitEmpty public private(set) var items: [String: FreightReference]
    /// Verifications of this collection, newest first.
    @OmitEmpty public var verificationHistory: [VerificationInfo]

    /// Makes a collection.
    ///
    /// - Parameter items: The Freight by origin.
    public init(items: [String: FreightReference] = [:]) {
        self.items = items
        verificationHistory = []
        id = ""
        id = Self.identifier(of: items)
    }

    /// Puts Freight in, in place of what had the same origin.
    public mutating func insert(_ freight: FreightReference) {
        guard let origin = freight.origin else { return }
        items[origin.description] = freight
        id = Self.identifier(of: items)
    }

    /// Kargo's rule: the SHA-1 of the sorted names with commas between them.
    private static func identifier(of items: [String: FreightReference]) -> String {
        Digest.sha1(items.values.map(\.name).sorted().joined(separator: ",").utf8).hexadecimal
    }
}

/// One verification of the Freight of a Stage.
public struct VerificationInfo: Sendable, Hashable, Codable {
    /// Names this verification.
    @OmitEmpty public var id = ""
    /// Who asked for it.
    @OmitEmpty public var actor = ""
    /// When it began.
    public var startTime: KubernetesTime?
    /// How it stands.
    @OmitEmpty public var phase = ""
    /// A sentence for people.
    @OmitEmpty public var message = ""
    /// The analysis behind it.
    public var analysisRun: JSONValue?
    /// When it ended.
    public var finishTime: KubernetesTime?

    /// Makes an empty record.
    public init() {}

    /// The phase of a verification without anything to complain of.
    public static let successful = "Successful"

    /// Whether nothing more will happen.
    public var isTerminal: Bool {
        switch phase {
        case Self.successful, "Failed", "Error", "Aborted", "Inconclusive": true
        default: false
        }
    }
}
