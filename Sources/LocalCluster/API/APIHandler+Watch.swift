import KargoCore

extension APIHandler {
    /// The longest time that a watch is silent, if its client takes bookmarks.
    static let bookmarkInterval = Duration.seconds(30)
    /// How long a watch lasts whose client does not say.
    private static let watchDuration = Duration.seconds(1800)

    /// Begins a watch.
    ///
    /// A version that is forgotten or has not come yet is told in the stream, as Kubernetes does it.
    ///
    /// - Throws: ``APIFailure`` for what can't be read in the query.
    func watch(
        _ call: APICall,
        _ selection: Selection,
        _ definition: ResourceDefinition
    ) throws(APIFailure) -> APIAnswer {
        let limit = try Self.duration(call)
        let from = try call.resourceVersion() ?? 0
        let begin = try Self.begin(call, from: from)
        if case .state(isMarked: true) = begin, from > store.version {
            throw .notYet(from, now: store.version)
        }
        let feed = WatchFeed(handler: self, call: call, selection: selection, definition: definition)
        return APIAnswer(body: .stream { write in try await feed.run(from: begin, limit: limit, write: write) })
    }

    private static func duration(_ call: APICall) throws(APIFailure) -> Duration {
        guard let text = call.query["timeoutSeconds"], !text.isEmpty else { return watchDuration }
        guard let seconds = Int(text), seconds >= 0 else {
            throw .badRequest("timeoutSeconds must be a number that is not negative, not \"\(text)\"")
        }
        return seconds == 0 ? watchDuration : .seconds(seconds)
    }

    private static func begin(_ call: APICall, from version: UInt64) throws(APIFailure) -> WatchFeed.Begin {
        let match = call.query["resourceVersionMatch"] ?? ""
        guard call.query["sendInitialEvents"] != nil else {
            guard match.isEmpty else {
                throw .badRequest("resourceVersionMatch is forbidden for a watch without sendInitialEvents")
            }
            return version == 0 ? .state(isMarked: false) : .after(version)
        }
        guard match == "NotOlderThan" else {
            throw .badRequest("sendInitialEvents requires resourceVersionMatch NotOlderThan")
        }
        return call.flag("sendInitialEvents") ? .state(isMarked: true) : .after(version)
    }
}
