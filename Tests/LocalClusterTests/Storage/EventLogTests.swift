import KargoCore
import Testing

@testable import LocalCluster

/// What of the past is kept for watches.
struct EventLogTests {
    private func log(_ count: UInt64, capacity: Int = 100, byteCapacity: Int = .max) throws -> EventLog {
        var log = EventLog(startingAt: 10, capacity: capacity, byteCapacity: byteCapacity)
        for version in 0..<count {
            let draft = try StoredObject.Draft(
                ["metadata": ["name": .string("name")], "data": .string(String(repeating: "x", count: 1000))],
                resource: CoreResources.namespaces
            )
            log.append(StoreEvent(kind: .modified, object: draft.stored(11 + version), previous: nil))
        }
        return log
    }

    @Test func `has what came after a version`() throws {
        #expect(try log(5).events(after: 13)?.map(\.object.version) == [14, 15])
        #expect(try log(5).events(after: 15)?.isEmpty == true)
        #expect(try log(0).events(after: 10)?.isEmpty == true)
    }

    @Test func `knows nothing of what was before it`() throws {
        #expect(try log(5).events(after: 10)?.count == 5)
        #expect(try log(5).events(after: 9) == nil)
    }

    @Test func `forgets the oldest when there are too many`() throws {
        let log = try log(5, capacity: 3)
        #expect(log.events(after: 12)?.map(\.object.version) == [13, 14, 15])
        #expect(log.events(after: 11) == nil)
    }

    @Test func `forgets the oldest when they are too large, but never the last`() throws {
        #expect(try log(5, byteCapacity: 2500).events(after: 13)?.map(\.object.version) == [14, 15])
        #expect(try log(5, byteCapacity: 2500).events(after: 12) == nil)
        #expect(try log(5, byteCapacity: 1).events(after: 14)?.map(\.object.version) == [15])
    }
}
