import KargoCore
import KargoTestSupport
import Logging
import Synchronization
import Testing

@testable import KubernetesClient

@Suite("Informer")
struct InformerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func object(_ name: String, _ version: Int) -> JSONValue {
        ["metadata": ["name": .string(name), "uid": .string("uid-\(name)"), "resourceVersion": .string("\(version)")]]
    }

    private func list(_ version: Int, _ objects: JSONValue...) -> ScriptedAPI.Answer {
        .whole(200, ["metadata": ["resourceVersion": .string("\(version)")], "items": .array(objects)])
    }

    private func event(_ type: String, _ name: String, _ version: Int) -> String {
        JSONValue.object(["type": .string(type), "object": Self.object(name, version)]).text()
    }

    private func text(_ change: ObjectChange<PartialObject>) -> String {
        switch change {
        case .added(let object): "+\(object.metadata.name)\(object.metadata.resourceVersion)"
        case .updated(let old, let new):
            "~\(new.metadata.name)\(old.metadata.resourceVersion)>\(new.metadata.resourceVersion)"
        case .deleted(let object): "-\(object.metadata.name)\(object.metadata.resourceVersion)"
        }
    }

    /// Runs an informer on the answers until it has told of so many changes.
    private func changes(
        _ answers: [ScriptedAPI.Answer],
        count: Int,
        clock: ManualClock? = nil
    ) async throws -> (changes: [String], requests: [String]) {
        let api = ScriptedAPI(answers)
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let backoff =
            clock.map { Backoff(first: .seconds(1), longest: .seconds(8), clock: $0, jitter: { 0 }) }
            ?? Backoff(first: .zero, longest: .zero)
        let informer = Informer<PartialObject>(
            api: api,
            resource: .configMaps,
            backoff: backoff,
            logger: logger
        ) { event.yield(text($0)) }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await informer.run() }
            if let clock {
                group.addTask {
                    while !Task.isCancelled {
                        await clock.waitForSleepers()
                        clock.advance(by: .seconds(8))
                    }
                }
            }
            var changes: [String] = []
            for await change in events {
                changes.append(change)
                if changes.count == count { break }
            }
            group.cancelAll()
            var requests: [String] = []
            api.finish()
            for await request in api.requests { requests.append(request) }
            return (changes, requests)
        }
    }

    @Test func `tells of what is there and of every change`() async throws {
        let (changes, requests) = try await changes(
            [
                list(5, Self.object("a", 3), Self.object("b", 4)),
                .openLines([event("MODIFIED", "a", 6), event("DELETED", "b", 7), event("ADDED", "c", 8)]),
            ],
            count: 5
        )
        #expect(Set(changes[..<2]) == ["+a3", "+b4"])
        #expect(changes[2...] == ["~a3>6", "-b7", "+c8"])
        #expect(requests[0] == "/api/v1/configmaps?limit=500")
        #expect(requests[1].contains("watch=true") && requests[1].contains("resourceVersion=5"))
    }

    @Test func `goes on from the last version when a watch ends or breaks`() async throws {
        let bookmark = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#
        let (changes, requests) = try await changes(
            [
                list(1), .lines([event("ADDED", "a", 2)]), .lines([bookmark]),
                .failure(KubernetesError(.unreachable, "gone")), .openLines([event("MODIFIED", "a", 10)]),
            ],
            count: 2,
            clock: ManualClock()
        )
        #expect(changes == ["+a2", "~a2>10"])
        let versions = requests.dropFirst()
            .compactMap { $0.split(separator: "&").first { $0.hasPrefix("resourceVersion") } }
        #expect(versions == ["resourceVersion=1", "resourceVersion=2", "resourceVersion=9", "resourceVersion=9"])
    }

    @Test(arguments: [true, false])
    func `lists anew at once when its version is no longer kept`(asEvent: Bool) async throws {
        let status: JSONValue = ["kind": "Status", "code": 410, "reason": "Expired", "message": "too old"]
        let expired: ScriptedAPI.Answer =
            asEvent
            ? .lines([JSONValue.object(["type": "ERROR", "object": status]).text()])
            : .failure(KubernetesError(.expired, "too old"))
        let clock = ManualClock()
        let (changes, requests) = try await changes(
            [
                list(1, Self.object("a", 1), Self.object("b", 1)), expired,
                list(9, Self.object("b", 1), Self.object("c", 8)),
                .openLines([]),
            ],
            count: 4,
            clock: clock
        )
        #expect(Set(changes) == ["+a1", "+b1", "-a1", "+c8"])
        #expect(requests.filter { $0.contains("limit=500") }.count == 2)
        // The end of the informer moves it once, a pause would have done it before.
        #expect(clock.now.offset < .seconds(16))
    }

    @Test func `leaves out an object that it can't decode`() async throws {
        let broken: JSONValue = ["metadata": ["name": 5]]
        let (changes, _) = try await changes([list(3, broken, Self.object("a", 2)), .openLines([])], count: 1)
        #expect(changes == ["+a2"])
    }

    @Test func `tells of an object as deleted that it can't decode any more`() async throws {
        let broken = #"{"type":"MODIFIED","object":{"metadata":{"name":"a","labels":5,"resourceVersion":"3"}}}"#
        let (changes, _) = try await changes([list(2, Self.object("a", 2)), .openLines([broken])], count: 2)
        #expect(changes == ["+a2", "-a2"])
    }

    @Test func `tells of each state once, whatever the watch repeats`() async throws {
        let (changes, _) = try await changes(
            [
                list(5, Self.object("a", 3)),
                .lines([event("ADDED", "a", 3), event("MODIFIED", "a", 6), event("MODIFIED", "a", 6)]),
                .openLines([event("MODIFIED", "a", 4), event("MODIFIED", "a", 6), event("MODIFIED", "a", 7)]),
            ],
            count: 3
        )
        #expect(changes == ["+a3", "~a3>6", "~a6>7"])
    }

    @Test func `passes over half a line at the end of a watch and asks for it again`() async throws {
        let (changes, requests) = try await changes(
            [
                list(1), .lines([event("ADDED", "a", 2)]), .piece(String(event("ADDED", "b", 3).prefix(30))),
                .openLines([event("ADDED", "b", 3)]),
            ],
            count: 2,
            clock: ManualClock()
        )
        #expect(changes == ["+a2", "+b3"])
        #expect(requests.last?.contains("resourceVersion=2&") == true)
    }

    @Test func `pauses when a watch is ended at once without a word`() async throws {
        let clock = ManualClock()
        let (changes, requests) = try await changes(
            [list(1), .lines([]), .lines([]), .openLines([event("ADDED", "a", 2)])],
            count: 1,
            clock: clock
        )
        #expect(changes == ["+a2"])
        #expect(requests.count == 4)
        #expect(clock.now.offset >= .seconds(16))
    }

    @Test(arguments: [
        (429, KubernetesError.Code.tooManyRequests, 1), (500, .serverError, 1), (410, .expired, 2), (504, .expired, 2),
    ])
    func `goes on after an error in the middle of a watch`(
        status: Int,
        code: KubernetesError.Code,
        lists: Int
    ) async throws {
        let error: JSONValue = [
            "kind": "Status", "code": .int(Int64(status)), "message": "no",
            "details": ["causes": [["reason": "ResourceVersionTooLarge"]]],
        ]
        let thrown = #expect(throws: KubernetesError.self) {
            _ = try WatchEvent(line: JSONValue.object(["type": "ERROR", "object": error]).serialized())
        }
        #expect(thrown?.code == code)
        let line = JSONValue.object(["type": "ERROR", "object": error]).text()
        let state = list(3, Self.object("a", 2))
        var answers = [state, .lines([event("MODIFIED", "a", 4), line])]
        if lists == 2 { answers.append(list(5, Self.object("a", 4))) }
        answers.append(.openLines([event("MODIFIED", "a", 6)]))
        let (changes, requests) = try await changes(answers, count: 3, clock: ManualClock())
        #expect(changes == ["+a2", "~a2>4", "~a4>6"])
        #expect(requests.filter { $0.contains("limit=") }.count == lists)
    }

    @Test func `asks for watches of five to ten minutes`() async throws {
        let (_, requests) = try await changes([list(1), .openLines([event("ADDED", "a", 2)])], count: 1)
        let seconds = requests[1].split(separator: "&").first { $0.hasPrefix("timeoutSeconds=") }
            .flatMap { Int($0.dropFirst("timeoutSeconds=".count)) }
        #expect((300...600).contains(seconds ?? 0))
    }

    @Test func `does not let an older state replace what a write returned`() async throws {
        let api = ScriptedAPI([
            list(1, Self.object("a", 1)), .openLines([event("MODIFIED", "a", 2), event("MODIFIED", "a", 5)]),
        ])
        let (changes, change) = AsyncStream.makeStream(of: String.self)
        let holder = Mutex<ObjectStore<PartialObject>?>(nil)
        let informer = Informer<PartialObject>(api: api, resource: .configMaps, logger: logger) { event in
            if case .added = event, let store = holder.withLock({ $0 }),
                let newer = try? JSONValueDecoder().decode(PartialObject.self, from: Self.object("a", 4))
            {
                store.note(newer)
            }
            change.yield(text(event))
        }
        holder.withLock { $0 = informer.store }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await informer.run() }
            var iterator = changes.makeAsyncIterator()
            #expect(await iterator.next() == "+a1")
            // From what it heard last, or it could not tell what is new to it.
            #expect(await iterator.next() == "~a1>5")
            group.cancelAll()
        }
        await informer.store.waitUntilSynced()
        #expect(informer.store.get(ObjectKey(name: "a"))?.metadata.resourceVersion == "5")
    }

    @Test func `lets nobody go on before the handler has heard of the whole first list`() async throws {
        let api = ScriptedAPI([list(3, Self.object("a", 1), Self.object("b", 2)), .openLines([])])
        let holder = Mutex<ObjectStore<PartialObject>?>(nil)
        let heard = Mutex<[String]>([])
        let informer = Informer<PartialObject>(api: api, resource: .configMaps, logger: logger) { event in
            let isSynced = holder.withLock { $0?.isSynced }
            heard.withLock { $0.append("\(text(event)) \(isSynced == true)") }
        }
        holder.withLock { $0 = informer.store }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await informer.run() }
            await informer.store.waitUntilSynced()
            #expect(heard.withLock { $0 }.sorted() == ["+a1 false", "+b2 false"])
            #expect(informer.store.isSynced)
            group.cancelAll()
        }
    }
}
