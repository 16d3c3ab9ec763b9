import KargoCore
import KubernetesClient
import Synchronization

/// What a cluster has acknowledged, and what it may have done besides.
///
/// Each name has one writer, so at most one of its writes is without an answer when the cluster is killed.
final class WriteLedger: Sendable {
    /// What is known of an object.
    enum Knowledge: Hashable {
        /// There is none.
        case absent
        /// It has this revision, which the cluster calls by this version.
        case present(revision: Int, version: String)
    }

    /// What is asked for.
    enum Request {
        case create
        case update
        case delete
    }

    private struct Entry {
        var known = Knowledge.absent
        /// The revision that a request without an answer makes; zero for none at all.
        var underWay: Int?
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let acknowledged = Mutex(0)

    /// How many writes the cluster has acknowledged.
    var count: Int { acknowledged.withLock { $0 } }

    /// What is done next with a name.
    func next(_ name: String, revision: Int) -> Request {
        entries.withLock { entries in
            switch entries[name, default: Entry()].known {
            case .absent: .create
            case .present: revision % 5 == 0 ? .delete : .update
            }
        }
    }

    /// Notes that a request is on its way.
    func begin(_ name: String, revision: Int?) {
        entries.withLock { $0[name, default: Entry()].underWay = revision ?? 0 }
    }

    /// Notes an answer.
    ///
    /// - Returns: How many there have been.
    func finish(_ name: String, _ knowledge: Knowledge) -> Int {
        entries.withLock { $0[name] = Entry(known: knowledge) }
        return acknowledged.withLock { count in
            count += 1
            return count
        }
    }

    /// What is wrong with what a cluster has after it was killed; from then on that is what is known.
    func differences(from list: ObjectList) -> [String] {
        var found: [String: Knowledge] = [:]
        var problems: [String] = []
        for object in LedgerObject.own(list.items) {
            let name = object[path: "metadata", "name"]?.stringValue ?? ""
            let version = object[path: "metadata", "resourceVersion"]?.stringValue ?? ""
            guard let revision = LedgerObject.revision(of: object) else {
                problems.append("\(name) is torn: \(object.text())")
                continue
            }
            found[name] = .present(revision: revision, version: version)
            if UInt64(version) ?? .max > UInt64(list.resourceVersion) ?? 0 {
                problems.append("\(name) has version \(version), and the list \(list.resourceVersion)")
            }
        }
        entries.withLock { entries in
            for (name, entry) in entries {
                let state = found[name] ?? .absent
                if state != entry.known, !Self.isMade(state, by: entry.underWay) {
                    problems.append("\(name) is \(state), and not \(entry.known) or \(entry.underWay ?? -1)")
                }
                entries[name] = Entry(known: state)
            }
            for name in found.keys where entries[name] == nil { problems.append("\(name) was never asked for") }
        }
        return problems
    }

    private static func isMade(_ state: Knowledge, by revision: Int?) -> Bool {
        switch state {
        case .absent: revision == 0
        case .present(let found, _): revision == found
        }
    }
}

/// A ConfigMap in which each part can be told from the others.
enum LedgerObject {
    /// Those of a list that the cluster has not made by itself.
    static func own(_ items: [JSONValue]) -> [JSONValue] {
        items.filter { $0[path: "metadata", "name"] != "kube-root-ca.crt" }
    }

    static func make(_ name: String, revision: Int) -> JSONValue {
        ["metadata": ["name": .string(name), "labels": ["revision": .string("\(revision)")]], "data": data(revision)]
    }

    static func data(_ revision: Int) -> JSONValue {
        ["revision": .string("\(revision)"), "text": .string(text(revision))]
    }

    /// The revision of an object; nil for one that is made of several.
    static func revision(of object: JSONValue) -> Int? {
        guard let label = object[path: "metadata", "labels", "revision"]?.stringValue, let revision = Int(label),
            object["data"] == data(revision)
        else { return nil }
        return revision
    }

    /// Longer than a page of the database, now and then.
    private static func text(_ revision: Int) -> String {
        String(repeating: "revision \(revision);", count: 1 + revision % 7 * revision % 7 * 20)
    }
}
