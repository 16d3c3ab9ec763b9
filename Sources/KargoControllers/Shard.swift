import KargoCore

/// Which objects a controller is there for.
struct Shard: Sendable, Hashable {
    /// The name; empty for none.
    var name: String
    /// Whether the controller is also there for objects of no shard.
    var isDefault: Bool

    func serves(_ metadata: ObjectMeta) -> Bool {
        let label = metadata.labels[KargoAPI.Label.shard] ?? ""
        return label.isEmpty ? isDefault || name.isEmpty : label == name
    }
}
