import KargoCore

/// A piece of a list, or all of it.
struct ObjectPage: Sendable {
    var objects: [StoredObject]
    /// The version that it shows.
    var version: UInt64
    /// How to ask for the next piece; nil at the end.
    var next: ContinueToken?
    /// How many objects come after it; nil where that would take looking at each of them.
    var remaining: Int?

    /// The metadata of the list.
    var metadata: JSONValue {
        var metadata: JSONValue = ["resourceVersion": .string(String(version))]
        if let next { metadata["continue"] = .string(next.text) }
        if let remaining { metadata["remainingItemCount"] = .int(Int64(remaining)) }
        return metadata
    }
}

extension APIHandler {
    /// Takes the piece of a collection that a call asks for.
    ///
    /// - Throws: ``APIFailure`` where the version is forgotten or has not come yet.
    func page(_ request: ListRequest, _ selection: Selection, _ definition: ResourceDefinition) throws -> ObjectPage {
        let (objects, version) = try objects(at: request.moment, selection, definition, after: request.after)
        var page = ObjectPage(objects: [], version: version)
        for (index, object) in objects.enumerated() {
            if let limit = request.limit, page.objects.count == limit, let last = page.objects.last {
                page.next = ContinueToken(version: version, after: last.key)
                if selection.isEverything { page.remaining = objects.count - index }
                break
            }
            if try selection.contains(object) { page.objects.append(object) }
        }
        return page
    }

    private func objects(
        at moment: ListRequest.Moment,
        _ selection: Selection,
        _ definition: ResourceDefinition,
        after: ObjectKey?
    ) throws(APIFailure) -> (objects: [StoredObject], version: UInt64) {
        var (objects, version) = store.list(definition.resource, namespace: selection.namespace)
        switch moment {
        case .newest: break
        case .notOlderThan(let wanted):
            if wanted > version { throw .notYet(wanted, now: version) }
        case .exactly(let wanted):
            if wanted > version { throw .notYet(wanted, now: version) }
            guard let events = store.events(of: definition.resource, after: wanted) else {
                throw after.map { .continueExpired(ContinueToken(version: nil, after: $0)) } ?? .expired(wanted)
            }
            objects = Self.undo(events.prefix { $0.object.version <= version }, in: objects, selection.namespace)
            version = wanted
        }
        // Objects are in order of their keys.
        if let after { objects = Array(objects.drop { $0.key <= after }) }
        return (objects, version)
    }

    /// The objects as they were before the events.
    private static func undo(
        _ events: ArraySlice<StoreEvent>,
        in objects: [StoredObject],
        _ namespace: String?
    ) -> [StoredObject] {
        guard !events.isEmpty else { return objects }
        var former = Dictionary(uniqueKeysWithValues: objects.map { ($0.key, $0) })
        for event in events.reversed() where namespace == nil || event.object.key.namespace == namespace {
            former[event.object.key] = event.previous
        }
        return former.values.sorted { $0.key < $1.key }
    }
}

extension APIFailure {
    /// A version that has not come yet; it is worth asking again.
    static func notYet(_ version: UInt64, now: UInt64) -> APIFailure {
        let cause: JSONValue = ["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]
        return APIFailure(
            504,
            "Timeout",
            "Too large resource version: \(version), current: \(now)",
            details: ["causes": [cause]],
            retryAfter: 1
        )
    }

    /// A list whose version is forgotten before its end.
    static func continueExpired(_ token: ContinueToken) -> APIFailure {
        var failure = APIFailure(
            410,
            "Expired",
            "the continue token is too old for a consistent list: begin anew without one, or go on with the token of "
                + "this answer, with a rest that shows later changes"
        )
        failure.continueToken = token
        return failure
    }
}
