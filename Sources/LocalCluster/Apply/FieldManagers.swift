import KargoCore

/// Who has said what of an object: `metadata.managedFields`.
struct FieldManagers: Sendable, Equatable {
    /// Somebody who writes, and how.
    struct Manager: Sendable, Hashable {
        enum Operation: String, Sendable {
            case apply = "Apply"
            case update = "Update"
        }

        var name: String
        var operation: Operation
        /// The version in which an update was sent; empty for those who apply, who are the same in every version.
        var apiVersion: String
        var subresource: String

        /// The manager as messages name it.
        var description: String {
            var text = JSONValue.string(name).text()
            if !subresource.isEmpty { text += " with subresource \(JSONValue.string(subresource).text())" }
            return operation == .update ? "\(text) using \(apiVersion)" : text
        }
    }

    struct Entry: Sendable, Equatable {
        private enum Claim: Sendable {
            case fields(FieldSet)
            /// As it is stored, which is enough to see that nothing changes.
            case stored(JSONValue)
        }

        private var claim: Claim
        var apiVersion: String
        /// When it last changed the object.
        var time: String?

        init(fields: FieldSet, apiVersion: String, time: String?) {
            claim = .fields(fields)
            self.apiVersion = apiVersion
            self.time = time
        }

        /// An entry with the `fieldsV1` that such an entry was stored with.
        init(stored fieldsV1: JSONValue, apiVersion: String, time: String?) {
            claim = .stored(fieldsV1)
            self.apiVersion = apiVersion
            self.time = time
        }

        static func == (one: Entry, other: Entry) -> Bool {
            guard one.apiVersion == other.apiVersion, one.time == other.time else { return false }
            if case .stored(let left) = one.claim, case .stored(let right) = other.claim, left == right { return true }
            return one.fields == other.fields
        }

        var fields: FieldSet {
            get {
                switch claim {
                case .fields(let fields): fields
                case .stored(let value): FieldSet(fieldsV1: value)
                }
            }
            set { claim = .fields(newValue) }
        }

        var fieldsV1: JSONValue {
            switch claim {
            case .fields(let fields): fields.fieldsV1
            case .stored(let value): value
            }
        }

        func contains(_ other: FieldSet) -> Bool {
            switch claim {
            case .fields(let fields): other.subtracting(fields).isEmpty
            case .stored(let value): other.isContained(in: value)
            }
        }

        func isDisjoint(from other: FieldSet) -> Bool {
            switch claim {
            case .fields(let fields): other.intersection(fields).isEmpty
            case .stored(let value): other.isDisjoint(from: value)
            }
        }
    }

    /// How many updaters are told apart, as on a Kubernetes API server.
    private static let updaterLimit = 10

    private(set) var entries: [Manager: Entry] = [:]

    init() {}

    /// Reads `metadata.managedFields`; nil where it is not what it should be.
    ///
    /// - Parameters:
    ///   - value: The list.
    ///   - isStored: Whether it is the ``json`` of managers, and not a client's.
    init?(_ value: JSONValue?, isStored: Bool = false) {
        for element in value?.arrayValue ?? [] {
            guard let word = element["operation"]?.stringValue, let operation = Manager.Operation(rawValue: word),
                element["fieldsType"] == "FieldsV1"
            else { return nil }
            let apiVersion = element["apiVersion"]?.stringValue ?? ""
            let manager = Manager(
                name: element["manager"]?.stringValue ?? "",
                operation: operation,
                apiVersion: operation == .update ? apiVersion : "",
                subresource: element["subresource"]?.stringValue ?? ""
            )
            let content = element["fieldsV1"] ?? [:]
            let time = element["time"]?.stringValue
            if isStored {
                entries[manager] = Entry(stored: content, apiVersion: apiVersion, time: time)
                continue
            }
            let known = entries[manager]?.fields ?? FieldSet()
            let fields = known.union(FieldSet(fieldsV1: content))
            entries[manager] = Entry(fields: fields, apiVersion: apiVersion, time: time)
        }
    }

    /// The list in Kubernetes' order: who applies first, then by time and name.
    var json: JSONValue? {
        guard !entries.isEmpty else { return nil }
        let sorted = entries.sorted { one, other in
            let (left, right) = (one.key, other.key)
            return (left.operation.rawValue, one.value.time ?? "", left.name, one.value.apiVersion, left.subresource)
                < (
                    right.operation.rawValue, other.value.time ?? "", right.name, other.value.apiVersion,
                    right.subresource
                )
        }
        return .array(
            sorted.map { manager, entry in
                var value: JSONValue = [
                    "manager": .string(manager.name), "operation": .string(manager.operation.rawValue),
                    "apiVersion": .string(entry.apiVersion), "fieldsType": "FieldsV1",
                    "fieldsV1": entry.fieldsV1,
                ]
                value["time"] = entry.time.map(JSONValue.string)
                if !manager.subresource.isEmpty { value["subresource"] = .string(manager.subresource) }
                return value
            }
        )
    }

    func fields(of manager: Manager) -> FieldSet { entries[manager]?.fields ?? FieldSet() }

    /// What anybody has said.
    var all: FieldSet { entries.values.reduce(FieldSet()) { $0.union($1.fields) } }

    /// Says that a manager has applied exactly these fields.
    mutating func apply(_ fields: FieldSet, by manager: Manager, apiVersion: String) {
        entries[manager] = Entry(fields: fields, apiVersion: apiVersion, time: entries[manager]?.time)
        if fields.isEmpty { entries[manager] = nil }
    }

    /// Who else has said something of what a manager changes.
    func conflicts(of manager: Manager, _ change: FieldComparison) -> [Manager: FieldSet] {
        entries.filter { $0.key != manager }.mapValues { $0.fields.intersection(change.changed) }
            .filter { !$0.value.isEmpty }
    }

    /// Takes what has changed away from all others.
    mutating func yield(to manager: Manager, _ change: FieldComparison) {
        let lost = change.changed.union(change.removed)
        for (other, entry) in entries where other != manager && !entry.isDisjoint(from: lost) {
            let rest = entry.fields.subtracting(lost)
            if rest.isEmpty { entries[other] = nil } else { entries[other]?.fields = rest }
        }
    }

    /// Says that a manager's update has made these changes.
    mutating func update(_ change: FieldComparison, by manager: Manager, time: String) {
        yield(to: manager, change)
        if change.removed.isEmpty, entries[manager]?.contains(change.changed) == true {
            entries[manager]?.time = time
            return
        }
        let fields = fields(of: manager).subtracting(change.removed).union(change.changed)
        guard !fields.isEmpty else {
            entries[manager] = nil
            return
        }
        entries[manager] = Entry(fields: fields, apiVersion: manager.apiVersion, time: time)
        limitUpdaters()
    }

    /// Says when a manager has last changed the object.
    mutating func note(_ time: String, for manager: Manager) { entries[manager]?.time = time }

    /// Puts the oldest updaters together.
    private mutating func limitUpdaters() {
        let updaters = entries.filter { $0.key.operation == .update && $0.key.subresource.isEmpty }
        guard updaters.count > Self.updaterLimit else { return }
        let oldest = updaters.sorted { ($0.value.time ?? "", $0.key.name) < ($1.value.time ?? "", $1.key.name) }
            .prefix(updaters.count - Self.updaterLimit + 1)
        for (manager, entry) in oldest {
            entries[manager] = nil
            let ancient = Manager(
                name: "ancient-changes",
                operation: .update,
                apiVersion: entry.apiVersion,
                subresource: ""
            )
            let fields = fields(of: ancient).union(entry.fields)
            entries[ancient] = Entry(fields: fields, apiVersion: entry.apiVersion, time: entry.time)
        }
    }
}
