import KargoCore

/// Writes the events of one watch.
///
/// It reads the log of events at the speed of its client, so a client that is slow holds up nobody; when the log has
/// forgotten what the client has not seen yet, the watch ends with an error of code 410.
struct WatchFeed: Sendable {
    /// Where a watch begins.
    enum Begin: Sendable {
        /// After a version.
        case after(UInt64)
        /// With the present state; `isMarked` is whether a bookmark tells its end.
        case state(isMarked: Bool)
    }

    let handler: APIHandler
    let call: APICall
    let selection: Selection
    let definition: ResourceDefinition

    /// About how much is written at once, where there is so much.
    private static let pieceSize = 64 * 1024

    /// Writes until the time is up, the cluster shuts down, the kind is gone, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - begin: Where to begin.
    ///   - limit: How long the watch may take.
    ///   - write: Sends a piece, which is whole lines.
    /// - Throws: What `write` throws.
    func run(
        from begin: Begin,
        limit: Duration,
        write: ([UInt8]) async throws -> Void
    ) async throws {
        let clock = ContinuousClock()
        let alarm = WatchAlarm(clock: clock, end: clock.now + limit)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await alarm.run { handler.store.wakeWatches(of: definition.resource) } }
            if !definition.isBuiltin { group.addTask { try await wakeAtEndOfKind() } }
            defer { group.cancelAll() }
            try await feed(from: begin, alarm, write: write)
        }
    }

    private func feed(from begin: Begin, _ alarm: WatchAlarm, write: ([UInt8]) async throws -> Void) async throws {
        var version: UInt64
        var isFirst = true
        var piece: [UInt8] = []
        let takesBookmarks = call.flag("allowWatchBookmarks")
        func add(_ kind: StoreEvent.Kind, _ object: StoredObject) async throws {
            try append(kind, object, withColumns: isFirst, to: &piece)
            isFirst = false
            if piece.count >= Self.pieceSize { try await flush() }
        }
        func flush() async throws {
            if piece.isEmpty { return }
            try await write(piece)
            piece.removeAll(keepingCapacity: piece.capacity <= 2 * Self.pieceSize)
        }
        switch begin {
        case .after(let start):
            version = start
            let now = handler.store.version
            if start > now {
                try await write(errorFrame(.notYet(start, now: now)))
                return
            }
        case .state(let isMarked):
            let (objects, now) = handler.store.list(definition.resource, namespace: selection.namespace)
            for object in objects where try selection.contains(object) { try await add(.added, object) }
            try await flush()
            version = now
            if isMarked { try await write(bookmark(version: version, isEndOfState: true)) }
        }
        while !handler.store.isClosed, !Task.isCancelled {
            // Both read before the events, so that all of this collection up to then are among them.
            let isServed = isServed
            let newest = handler.store.version
            guard let events = handler.store.events(of: definition.resource, after: version) else {
                try await write(errorFrame(.expired(version)))
                return
            }
            for event in events {
                version = event.object.version
                guard let kind = try kind(of: event) else { continue }
                try await add(kind, event.object)
                alarm.hasSpoken()
            }
            try await flush()
            version = max(version, newest)
            let isOver = alarm.isOver || !isServed
            if takesBookmarks, isOver || alarm.isSilent {
                try await write(bookmark(version: version))
                alarm.hasSpoken()
            }
            if isOver { break }
            if events.isEmpty { await handler.store.waitForEvents(of: definition.resource, after: version) }
        }
    }

    /// Whether the kind is still there.
    private var isServed: Bool {
        let key = ObjectKey(name: definition.resource.description)
        return definition.isBuiltin || handler.store.get(CoreResources.customResourceDefinitions, key) != nil
    }

    /// Has the watch look up when its kind is gone, until it does.
    private func wakeAtEndOfKind() async throws {
        while isServed {
            let version = handler.store.version
            if isServed {
                await handler.store.waitForEvents(of: CoreResources.customResourceDefinitions, after: version)
            }
            try Task.checkCancellation()
        }
        while true {
            handler.store.wakeWatches(of: definition.resource)
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// What an event is for this watch: an object that stops matching is gone for it.
    private func kind(of event: StoreEvent) throws -> StoreEvent.Kind? {
        let isIn = try selection.contains(event.object)
        let was = try event.previous.map(selection.contains) ?? false
        switch (event.kind, was, isIn) {
        case (.deleted, true, _), (.deleted, false, true): return .deleted
        case (_, true, true): return .modified
        case (_, false, true): return .added
        case (_, true, false): return .deleted
        default: return nil
        }
    }

    private func append(
        _ kind: StoreEvent.Kind,
        _ object: StoredObject,
        withColumns: Bool,
        to piece: inout [UInt8]
    ) throws {
        piece += "{\"type\":\"".utf8
        piece += kind.rawValue.utf8
        piece += "\",\"object\":".utf8
        switch call.representation {
        // As it was stored: an event is made into text once, for all who watch.
        case .whole: piece += object.body
        case .metadata: piece += try object.partial()
        case .table:
            let metadata: JSONValue = ["resourceVersion": .string(String(object.version))]
            piece += try handler.table([object], metadata: metadata, definition, call, withColumns: withColumns)
        }
        piece += "}\n".utf8
    }

    private func bookmark(version: UInt64, isEndOfState: Bool = false) -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(version)), "creationTimestamp": .null]
        if isEndOfState { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        var object: JSONValue = ["kind": .string(definition.kind), "apiVersion": .string(definition.apiVersion)]
        switch call.representation {
        case .whole: break
        case .metadata: object = JSONValue.null.partial
        case .table: object = ["kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": [], "rows": []]
        }
        object["metadata"] = metadata
        return JSONValue.object(["type": "BOOKMARK", "object": object]).serialized() + [0x0A]
    }

    private func errorFrame(_ failure: APIFailure) -> [UInt8] {
        JSONValue.object(["type": "ERROR", "object": failure.status]).serialized() + [0x0A]
    }
}
