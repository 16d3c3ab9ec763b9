import KargoCore

/// Writes the events of one watch.
struct WatchFeed: Sendable {
    let handler: APIHandler
    let call: APICall
    let selection: Selection
    let definition: ResourceDefinition

    /// About how much is written at once, where there is so much.
    private static let pieceSize = 64 * 1024

    /// Writes until the time is up, the cluster shuts down, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - from: The version to begin after; zero for the present state first.
    ///   - limit: How long the watch may take.
    ///   - write: Sends a piece.
    /// - Throws: What `write` throws.
    func run(
        from: UInt64,
        limit: Duration,
        write: ([UInt8]) async throws -> Void
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now + limit
        let alarm = WatchAlarm(clock: clock, end: end)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await alarm.run { handler.store.wakeWatches(of: definition.resource) } }
            defer { group.cancelAll() }
            try await feed(from: from, alarm, write: write)
        }
    }

    private func feed(from: UInt64, _ alarm: WatchAlarm, write: ([UInt8]) async throws -> Void) async throws {
        var version = from
        var isFirst = true
        var piece: [UInt8] = []
        let isTable = handler.wantsTable(call)
        let takesBookmarks = call.flag("allowWatchBookmarks")
        func add(_ kind: StoreEvent.Kind, _ object: StoredObject) async throws {
            try append(kind, object, asTable: isTable, withColumns: isFirst, to: &piece)
            isFirst = false
            if piece.count >= Self.pieceSize { try await flush() }
        }
        func flush() async throws {
            if piece.isEmpty { return }
            try await write(piece)
            piece.removeAll(keepingCapacity: piece.capacity <= 2 * Self.pieceSize)
        }
        if from == 0 {
            let (objects, now) = handler.store.list(definition.resource, namespace: selection.namespace)
            for object in objects where try selection.contains(object) { try await add(.added, object) }
            try await flush()
            version = now
        }
        while !handler.store.isClosed, !Task.isCancelled {
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
            if alarm.isOver { break }
            if takesBookmarks, alarm.isSilent {
                try await write(bookmark(version: max(version, from)))
                alarm.hasSpoken()
            }
            if events.isEmpty { await handler.store.waitForEvents(of: definition.resource, after: version) }
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
        asTable isTable: Bool,
        withColumns: Bool,
        to piece: inout [UInt8]
    ) throws {
        piece += "{\"type\":\"".utf8
        piece += kind.rawValue.utf8
        piece += "\",\"object\":".utf8
        if isTable {
            var table = try handler.table([object], version: object.version, definition, call)
            if !withColumns { table["columnDefinitions"] = .null }
            piece += table.serialized()
        } else {
            // As it was stored: an event is made into text once, for all who watch.
            piece += object.body
        }
        piece += "}\n".utf8
    }

    private func bookmark(version: UInt64) -> [UInt8] {
        let value: JSONValue = [
            "type": "BOOKMARK",
            "object": [
                "kind": .string(definition.kind), "apiVersion": .string(definition.apiVersion),
                "metadata": ["resourceVersion": .string(String(version))],
            ],
        ]
        return value.serialized() + [0x0A]
    }

    private func errorFrame(_ failure: APIFailure) -> [UInt8] {
        JSONValue.object(["type": "ERROR", "object": failure.status]).serialized() + [0x0A]
    }
}
