import KargoCore

/// Writes the events of one watch.
struct WatchFeed: Sendable {
    let handler: APIHandler
    let call: APICall
    let selection: Selection
    let definition: ResourceDefinition

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
        var version = from
        var isFirst = true
        if from == 0 {
            let (objects, now) = handler.store.list(definition.resource, namespace: selection.namespace)
            for object in objects where try selection.contains(object) {
                try await write(frame(.added, object, withColumns: isFirst))
                isFirst = false
            }
            version = now
        }
        let clock = ContinuousClock()
        let end = clock.now + limit
        var lastWord = clock.now
        while !handler.store.isClosed, !Task.isCancelled {
            guard let events = handler.store.events(of: definition.resource, after: version) else {
                try await write(errorFrame(.expired(version)))
                return
            }
            for event in events {
                version = event.object.version
                guard let kind = try kind(of: event) else { continue }
                try await write(frame(kind, event.object, withColumns: isFirst))
                isFirst = false
                lastWord = clock.now
            }
            let now = clock.now
            if now >= end { break }
            if call.flag("allowWatchBookmarks"), now - lastWord >= APIHandler.bookmarkInterval {
                try await write(bookmark(version: max(version, from)))
                lastWord = now
            }
            if events.isEmpty {
                await wait(after: version, until: min(end, lastWord + APIHandler.bookmarkInterval), clock: clock)
            }
        }
    }

    /// Waits for events, or for the moment.
    private func wait(after version: UInt64, until moment: ContinuousClock.Instant, clock: ContinuousClock) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await handler.store.waitForEvents(of: definition.resource, after: version) }
            // Cancelled as soon as something has happened.
            group.addTask { try? await clock.sleep(until: moment) }
            await group.next()
            group.cancelAll()
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

    private func frame(_ kind: StoreEvent.Kind, _ object: StoredObject, withColumns: Bool) throws -> [UInt8] {
        var body = object.body
        if handler.wantsTable(call) {
            var table = try handler.table([object], version: object.version, definition, call)
            if !withColumns { table["columnDefinitions"] = .null }
            body = table.serialized()
        }
        return Array("{\"type\":\"\(kind.rawValue)\",\"object\":".utf8) + body + Array("}\n".utf8)
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
