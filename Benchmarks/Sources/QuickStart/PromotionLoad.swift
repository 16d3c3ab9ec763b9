import Foundation
import KargoCore
import KubernetesClient

/// Promotions in numbers.
struct PromotionLoad: Sendable {
    private static let project = "bench"
    private static let stageCount = 50

    let api: any KubernetesAPI

    /// What was seen of a Promotion with a plugin, in seconds.
    struct PluginTimes: Sendable {
        /// From its creation to its end.
        let total: Double
        /// From the plugin's answer to the news that the step succeeded.
        let lag: Double
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func prepare(plugin: JSONValue) async throws {
        let configMaps = APIResource.configMaps
        _ = try await api.create(configMaps, namespace: "kargo-system-resources", plugin)
        _ = try await api.create(.projects, ["metadata": ["name": .string(Self.project)]])
        _ = try await create(.warehouses, "w", ["spec": ["subscriptions": [["image": ["repoURL": "nginx"]]]]])
        _ = try await create(
            .freights,
            "f",
            [
                "alias": "first", "origin": ["kind": "Warehouse", "name": "w"],
                "images": [["repoURL": "nginx", "tag": "1.27.0"]],
            ]
        )
        for index in 0..<Self.stageCount { try await createStage("builtin-\(index)", steps: Self.builtinSteps) }
        try await createStage("plugin", steps: [["uses": "clock", "as": "clock"]])
    }

    private static let builtinSteps: JSONValue = [
        ["uses": "file-write", "config": ["path": "values.yaml", "contents": "image:\n  tag: old\n"]],
        [
            "uses": "yaml-update",
            "config": ["path": "values.yaml", "updates": [["key": "image.tag", "value": "new"]]],
        ],
        ["uses": "copy", "config": ["inPath": "values.yaml", "outPath": "copy.yaml"]],
        [
            "uses": "yaml-parse", "as": "parsed",
            "config": ["path": "copy.yaml", "outputs": [["name": "tag", "fromExpression": "image.tag"]]],
        ],
        ["uses": "compose-output", "config": ["result": "${{ outputs.parsed.tag }}"]],
    ]

    private func createStage(_ name: String, steps: JSONValue) async throws {
        let spec: JSONValue = [
            "requestedFreight": [["origin": ["kind": "Warehouse", "name": "w"], "sources": ["direct": true]]],
            "promotionTemplate": ["spec": ["steps": steps]],
        ]
        _ = try await create(.stages, name, ["spec": spec])
    }

    private func create(_ resource: APIResource, _ name: String, _ body: JSONValue) async throws -> JSONValue {
        var object = body
        object["metadata"] = ["name": .string(name), "namespace": .string(Self.project)]
        return try await api.create(resource, namespace: Self.project, object)
    }

    private func promote(_ stage: String, _ freight: String) async throws -> String {
        let object: JSONValue = [
            "metadata": ["generateName": .string("\(stage)."), "namespace": .string(Self.project)],
            "spec": ["stage": .string(stage), "freight": .string(freight)],
        ]
        let created = try await api.create(.promotions, namespace: Self.project, object)
        return created[path: "metadata", "name"]?.stringValue ?? ""
    }

    private func freight() async throws -> String {
        let list = try await api.list(.freights, namespace: Self.project)
        return list.items.first?[path: "metadata", "name"]?.stringValue ?? ""
    }

    /// Runs builtin Promotions on many Stages at once.
    ///
    /// - Returns: The seconds from the first creation to the news of the last end.
    func runBuiltin(count: Int) async throws -> Double {
        let freight = try await freight()
        let begin = ContinuousClock.now
        try await following { ends in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<8 {
                    group.addTask {
                        for index in stride(from: lane, to: count, by: 8) {
                            _ = try await promote("builtin-\(index % Self.stageCount)", freight)
                        }
                    }
                }
                try await group.waitForAll()
            }
            var left = count
            for await end in ends where left > 0 {
                guard end.phase == "Succeeded" else { throw Failure(description: "\(end.name) is \(end.phase)") }
                left -= 1
                if left == 0 { break }
            }
        }
        return (ContinuousClock.now - begin) / .seconds(1)
    }

    /// Runs Promotions with a plugin, one after the other.
    func runPlugin(count: Int) async throws -> [PluginTimes] {
        let freight = try await freight()
        return try await following { ends in
            var times: [PluginTimes] = []
            var iterator = ends.makeAsyncIterator()
            for _ in 0..<count {
                let begin = ContinuousClock.now
                let name = try await promote("plugin", freight)
                while let end = await iterator.next() {
                    guard end.name == name else { continue }
                    guard end.phase == "Succeeded" else { throw Failure(description: "\(name) is \(end.phase)") }
                    times.append(PluginTimes(total: (end.moment - begin) / .seconds(1), lag: end.lag ?? 0))
                    break
                }
            }
            return times
        }
    }

    private struct End: Sendable {
        let name: String
        let phase: String
        let moment: ContinuousClock.Instant
        let lag: Double?
    }

    /// Hears of the end of every Promotion while the body runs.
    private func following<Result: Sendable>(
        _ body: @escaping @Sendable (AsyncStream<End>) async throws -> Result
    ) async throws -> Result {
        let (ends, end) = AsyncStream.makeStream(of: End.self)
        let version = try await api.list(.promotions, namespace: Self.project).resourceVersion
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                let lags = Lags()
                while true {
                    try await api.watch(.promotions, namespace: Self.project, from: version) { event in
                        guard case .modified(let object) = event else { return }
                        let name = object[path: "metadata", "name"]?.stringValue ?? ""
                        lags.note(object, name)
                        guard let phase = object[path: "status", "phase"]?.stringValue,
                            ["Succeeded", "Failed", "Errored", "Aborted"].contains(phase)
                        else { return }
                        end.yield(End(name: name, phase: phase, moment: .now, lag: lags.take(name)))
                    }
                }
            }
            group.addTask { try await body(ends) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    /// How late the news of steps came; used by one watch only.
    private final class Lags {
        private var lags: [String: Double] = [:]

        func note(_ promotion: JSONValue, _ name: String) {
            guard lags[name] == nil, case .double(let at)? = promotion[path: "status", "state", "clock", "at"] else {
                return
            }
            lags[name] = Date().timeIntervalSince1970 - at
        }

        func take(_ name: String) -> Double? { lags.removeValue(forKey: name) }
    }
}
