import DequeModule

/// What has happened to the objects of one collection lately.
struct EventLog {
    private let capacity: Int
    private let byteCapacity: Int
    private var events: Deque<StoreEvent> = []
    /// The bytes of the objects in them.
    private var size = 0
    /// Events up to this version are no longer here.
    private(set) var forgottenThrough: UInt64

    /// Makes an empty log.
    ///
    /// - Parameters:
    ///   - version: The resource version at this moment; nothing is known of what was before.
    ///   - capacity: How many events are kept.
    ///   - byteCapacity: How many bytes the objects in them may have, but for the last one's.
    init(startingAt version: UInt64, capacity: Int, byteCapacity: Int = 32 * 1024 * 1024) {
        forgottenThrough = version
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    mutating func append(_ event: StoreEvent) {
        events.append(event)
        size += event.object.body.count
        while events.count > capacity || size > byteCapacity, events.count > 1, let oldest = events.popFirst() {
            forgottenThrough = oldest.object.version
            size -= oldest.object.body.count
        }
    }

    /// The events after a version; nil when some of them are no longer here.
    func events(after version: UInt64) -> ArraySlice<StoreEvent>? {
        guard version >= forgottenThrough else { return nil }
        // Versions only grow, so the place is found by halving.
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].object.version <= version { low = middle + 1 } else { high = middle }
        }
        return ArraySlice(events[low...])
    }
}
