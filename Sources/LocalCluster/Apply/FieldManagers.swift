import KargoCore

/// Who has said what of an object: `metadata.managedFields`.
struct FieldManagers: Sendable, Hashable {
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

    struct Entry: Sendable, Hashable {
        var fields: FieldSet
        var apiVersion: String
        /// When it last changed the object.
        var time: String?
    }

    /// How many updaters are told apart, as on a Kubernetes API server.
    private static let updaterLimit = 10

    private(set) var entries: [Manager: Entry] = [:]

    init() {}

    /// Reads `metadata.managedFields`; nil where it is not what it should be.
    init?(_ value: JSONValue?) {
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
            let fields = FieldSet(fieldsV1: element["fieldsV1"] ?? [:])
            let known = entries[manager]?.fields ?? FieldSet()
            entries[manager] = Entry(
                fields: known.union(fields),
                apiVersion: apiVersion,
                time: element["time"]?.stringValue
            )
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
                    "fieldsV1": entry.fields.fieldsV1,
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
        for (other, entry) in entries where other != manager {
            let rest = entry.fields.subtracting(lost)
            if rest.isEmpty { entries[other] = nil } else { entries[other]?.fields = rest }
        }
    }

    /// Says that a manager's update has made these changes.
    mutating func update(_ change: FieldComparison, by manager: Manager, time: String) {
        yield(to: manager, change)
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
