/// Where Freight comes from: repositories that are watched for new versions.
public struct Warehouse: Sendable, Hashable, Codable {
    /// `kargo.akuity.io/v1alpha1`.
    @OmitEmpty public var apiVersion = KargoAPI.groupVersion
    /// `Warehouse`.
    @OmitEmpty public var kind = "Warehouse"
    /// Name, namespace and so on.
    public var metadata = ObjectMeta()
    /// What is watched.
    public var spec = WarehouseSpec()

    /// Makes an empty Warehouse.
    public init() {}
}

/// What a Warehouse watches.
public struct WarehouseSpec: Sendable, Hashable, Codable {
    /// The shard that serves it.
    @OmitEmpty public var shard = ""
    /// The repositories.
    @OmitEmpty public var subscriptions: [WarehouseSubscription] = []

    /// Makes an empty spec.
    public init() {}
}

/// One repository that a Warehouse watches.
///
/// Kargo keeps it as an object with one member named for its kind, and besides it at most a `name`.
public struct WarehouseSubscription: Sendable, Hashable {
    /// `git`, `image`, `chart`, or another kind's name.
    public var kind: String
    /// The name that artifacts found by it carry; empty for none.
    public var name: String
    /// What its kind needs to know.
    public var settings: JSONValue

    /// Makes a subscription.
    public init(kind: String, name: String = "", settings: JSONValue = [:]) {
        self.kind = kind
        self.name = name
        self.settings = settings
    }

    /// The repository; empty for a kind that has none.
    public var repoURL: String { settings["repoURL"]?.stringValue ?? "" }
    /// The chart's name; empty for one that the repository's address names.
    public var chartName: String { settings["name"]?.stringValue ?? "" }
}

extension WarehouseSubscription: Codable {
    /// Reads a subscription.
    ///
    /// - Throws: `DecodingError` for anything but an object with one kind.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        var members = try container.decode([String: JSONValue].self)
        let name = members.removeValue(forKey: "name")?.stringValue ?? ""
        guard let (kind, settings) = members.first, members.count == 1 else {
            let kinds = members.keys.sorted().joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "a subscription has exactly one of git, image, chart or another kind, not: \(kinds)"
            )
        }
        self.init(kind: kind, name: name, settings: settings)
    }

    /// Writes the subscription as Kargo keeps it.
    public func encode(to encoder: any Encoder) throws {
        var members = [kind: settings]
        if !name.isEmpty { members["name"] = .string(name) }
        var container = encoder.singleValueContainer()
        try container.encode(members)
    }
}
