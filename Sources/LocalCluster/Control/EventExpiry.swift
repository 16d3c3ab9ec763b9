import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Deletes Events that nothing has been added to for a while.
struct EventExpiry: Sendable {
    let handler: APIHandler
    let lifetime: Duration

    /// Deletes what is due until the task is cancelled.
    func run() async throws {
        while true {
            await expire()
            try await Task.sleep(for: min(lifetime, .seconds(60)))
        }
    }

    /// Deletes the Events that are due at this moment.
    func expire() async {
        let start = handler.now().addingTimeInterval(-(lifetime / .seconds(1)))
        for event in handler.store.list(CoreResources.events, namespace: nil).objects {
            guard let moment = Self.lastWrite(of: event), moment < start else { continue }
            // One that has just changed is not due any more.
            _ = try? await handler.store.commit(.delete(event))
        }
    }

    private static func lastWrite(of event: StoredObject) -> Date? {
        guard let value = try? event.json() else { return nil }
        let moments = [
            value[path: "metadata", "creationTimestamp"], value["lastTimestamp"], value["eventTime"],
            value[path: "series", "lastObservedTime"],
        ]
        return moments.compactMap { $0?.stringValue }.compactMap { try? KubernetesMicroTime($0).date }.max()
    }
}
