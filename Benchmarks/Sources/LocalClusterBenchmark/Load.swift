import Foundation
import KargoCore
import KubernetesClient
import Synchronization

/// What is asked of the cluster.
struct Load {
    static let namespace = "bench"
    private static let stageCount = 1000
    private static let lanes = 64

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process: ClusterProgram.Process
    private let configuration: ClusterConfiguration

    init(_ process: ClusterProgram.Process) throws {
        self.process = process
        configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": process.installation.kubeconfig])
    }

    func prepare() async throws {
        try await ClusterConnection.with(configuration) { api in
            _ = try await api.create(.projects, ["metadata": ["name": .string(Self.namespace)]])
            let namespace: JSONValue = [
                "metadata": [
                    "name": .string(Self.namespace), "labels": ["kargo.akuity.io/project": "true"],
                ]
            ]
            do {
                _ = try await api.create(.namespaces, namespace)
            } catch let error as KubernetesError where error.code == .alreadyExists {
                return
            }
        }
    }

    /// Creates objects, a tenth of them Stages.
    func fill(objects: Int) async throws -> Throughput {
        let text = String(repeating: "0123456789abcdef", count: 64)
        return try await measure { api in
            try await Self.inLanes(Self.lanes, of: objects) { index in
                if index < Self.stageCount {
                    return try await Self.time {
                        _ = try await api.create(.stages, namespace: Self.namespace, Self.stage(index))
                    }
                }
                return try await Self.time {
                    _ = try await api.create(
                        .configMaps,
                        namespace: Self.namespace,
                        ["metadata": ["name": .string("map-\(index)")], "data": ["text": .string(text)]]
                    )
                }
            }
        }
    }

    private static func stage(_ index: Int) -> JSONValue {
        [
            "metadata": ["name": .string("stage-\(index)")],
            "spec": [
                "requestedFreight": [
                    ["origin": ["kind": "Warehouse", "name": "w"], "sources": ["direct": true]]
                ],
                "promotionTemplate": [
                    "spec": [
                        "steps": [
                            ["uses": "git-clone", "config": ["repoURL": "https://example.com/repo.git"]],
                            ["uses": "yaml-update", "config": ["path": "values.yaml"]],
                        ]
                    ]
                ],
            ],
        ]
    }

    /// Changes the status of Stages from so many sides, each waiting for its answer.
    func patch(writers: Int, for seconds: Double) async throws -> Throughput {
        let end = ContinuousClock.now + .seconds(seconds)
        return try await measure { api in
            try await withThrowingTaskGroup(of: [Double].self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        var times: [Double] = []
                        var index = writer
                        while ContinuousClock.now < end {
                            times.append(try await Self.time { try await Self.patch(api, index) })
                            index += writers
                        }
                        return times
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
    }

    private static func patch(_ api: some KubernetesAPI, _ mark: Int) async throws {
        let name = "stage-\(mark % stageCount)"
        let status: JSONValue = [
            "status": [
                "observedGeneration": 1,
                "conditions": [
                    [
                        "type": "Ready", "status": "True", "reason": "Verified", "message": .string("#\(mark)#"),
                        "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1,
                    ]
                ],
            ]
        ]
        let response = try await api.send(
            APIRequest(
                .patch,
                APIResource.stages.path(namespace: namespace, name: name, subresource: "status"),
                contentType: "application/merge-patch+json",
                body: status.serialized()
            )
        )
        guard response.status == 200 else {
            throw Failure(description: String(decoding: response.body, as: UTF8.self))
        }
    }

    // MARK: Watches

    struct WatchedTimes {
        let writes: Distribution
        let fanOut: Distribution
    }

    /// Writes at a steady rate while all Stages are watched.
    func watched(by watchers: Int, rate: Int, for seconds: Double) async throws -> WatchedTimes {
        let sightings = Sightings()
        let count = Int(Double(rate) * seconds)
        // Marks of their own, so that no status stays what it was.
        let base = rate * 1_000_000
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { try await watch(watchers / 4, sightings) }
            }
            let writes = try await ClusterConnection.with(configuration) { api in
                while sightings.ready < watchers { try await Task.sleep(for: .milliseconds(10)) }
                let begin = ContinuousClock.now
                return try await withThrowingTaskGroup(of: Double.self) { writes in
                    for index in 0..<count {
                        try await Task.sleep(until: begin + .seconds(1) * index / rate)
                        writes.addTask {
                            let time = try await Self.time { try await Self.patch(api, base + index) }
                            sightings.answered(base + index)
                            return time
                        }
                    }
                    return try await writes.reduce(into: []) { $0.append($1) }
                }
            }
            for _ in 0..<500 where sightings.count < count * watchers { try await Task.sleep(for: .milliseconds(10)) }
            group.cancelAll()
            guard sightings.count == count * watchers else {
                throw Failure(description: "\(sightings.count) of \(count * watchers) events came")
            }
            return WatchedTimes(writes: Distribution(writes), fanOut: sightings.delays)
        }
    }

    private func watch(_ count: Int, _ sightings: Sightings) async throws {
        try await ClusterConnection.with(configuration) { api in
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Bookmarks say nothing for half a minute, so the first object says that the watch is there.
                for _ in 0..<count {
                    group.addTask {
                        let request = APIRequest(
                            .get,
                            APIResource.stages.path(namespace: Self.namespace),
                            query: [("watch", "true"), ("resourceVersion", "0")]
                        )
                        var reader = MarkReader(sightings: sightings)
                        do {
                            try await api.stream(request) { bytes in
                                reader.read(bytes)
                                return true
                            }
                        } catch is CancellationError {}
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Finds the marks in the text of a watch without reading it as JSON, which would take more time than the cluster.
    private struct MarkReader {
        let sightings: Sightings
        private var objects = 0
        private var isInside = false
        private var mark = 0

        init(sightings: Sightings) { self.sightings = sightings }

        mutating func read(_ bytes: [UInt8]) {
            let now = ContinuousClock.now
            for byte in bytes {
                if byte == UInt8(ascii: "\n") {
                    objects += 1
                    if objects == Load.stageCount { sightings.watchIsReady() }
                } else if byte == UInt8(ascii: "#") {
                    if isInside, objects >= Load.stageCount { sightings.seen(mark, at: now) }
                    isInside.toggle()
                    mark = 0
                } else if isInside {
                    mark = mark * 10 + Int(byte &- 48)
                }
            }
        }
    }

    /// When which mark was answered and seen.
    private final class Sightings: Sendable {
        private struct State {
            var ready = 0
            var answers: [Int: ContinuousClock.Instant] = [:]
            var seen: [(mark: Int, moment: ContinuousClock.Instant)] = []
        }

        private let state = Mutex(State())

        var ready: Int { state.withLock(\.ready) }
        var count: Int { state.withLock(\.seen.count) }

        func watchIsReady() { state.withLock { $0.ready += 1 } }

        func answered(_ mark: Int) {
            let now = ContinuousClock.now
            state.withLock { $0.answers[mark] = now }
        }

        func seen(_ mark: Int, at moment: ContinuousClock.Instant) {
            state.withLock { $0.seen.append((mark, moment)) }
        }

        var delays: Distribution {
            state.withLock { state in
                Distribution(
                    state.seen.map { seen in
                        guard let answer = state.answers[seen.mark] else { return 0 }
                        return max(0, (seen.moment - answer) / .seconds(1))
                    }
                )
            }
        }
    }

    // MARK: Times

    private func measure(_ body: (ClusterConnection) async throws -> [Double]) async throws -> Throughput {
        let processorTime = try process.processorTime()
        let begin = ContinuousClock.now
        let times = try await ClusterConnection.with(configuration, body)
        return Throughput(
            times: Distribution(times),
            duration: (ContinuousClock.now - begin) / .seconds(1),
            processorTime: try process.processorTime() - processorTime
        )
    }

    private static func inLanes(
        _ lanes: Int,
        of count: Int,
        _ body: @escaping @Sendable (Int) async throws -> Double
    ) async throws -> [Double] {
        try await withThrowingTaskGroup(of: [Double].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var times: [Double] = []
                    for index in stride(from: lane, to: count, by: lanes) { times.append(try await body(index)) }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func time(_ body: () async throws -> Void) async throws -> Double {
        let begin = ContinuousClock.now
        try await body()
        return (ContinuousClock.now - begin) / .seconds(1)
    }
}
