public import KargoCore

/// A way to find objects of an ``ObjectStore`` without looking at all of them.
public struct ObjectIndex<Object: KubernetesObject>: Sendable {
    /// What it is called.
    public var name: String
    /// What an object is found by; nothing for one that is not found.
    public var values: @Sendable (Object) -> [String]

    /// Makes an index.
    public init(_ name: String, values: @escaping @Sendable (Object) -> [String]) {
        self.name = name
        self.values = values
    }
}

/// Which objects each value of each index has.
struct ObjectIndexes<Object: KubernetesObject>: Sendable {
    private let indexes: [ObjectIndex<Object>]
    private var keys: [String: [String: Set<ObjectKey>]]

    init(_ indexes: [ObjectIndex<Object>]) {
        self.indexes = indexes
        keys = Dictionary(indexes.map { ($0.name, [:]) }) { _, _ in
            preconditionFailure("two indexes have one name")
        }
    }

    /// Takes note that an object was the first and is the second.
    mutating func change(_ key: ObjectKey, from old: Object?, to new: Object?) {
        for index in indexes {
            let before = Set(old.map(index.values) ?? [])
            let after = Set(new.map(index.values) ?? [])
            for value in before.subtracting(after) {
                keys[index.name]?[value]?.remove(key)
                if keys[index.name]?[value]?.isEmpty == true { keys[index.name]?[value] = nil }
            }
            for value in after.subtracting(before) { keys[index.name]?[value, default: []].insert(key) }
        }
    }

    /// The objects of a value.
    func lookUp(_ index: String, _ value: String) -> Set<ObjectKey> {
        guard let values = keys[index] else { preconditionFailure("there is no index \(index)") }
        return values[value] ?? []
    }
}
