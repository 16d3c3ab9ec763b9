import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Promotion of three steps, as far along as a test says.
enum SamplePromotion {
    static let start: Int64 = 1_800_000_000

    /// Makes a Promotion in a phase; of the steps that were reached how they stand, and the seconds after the start at
    /// which each began and ended.
    static func make(
        _ phase: String? = nil,
        message: String = "",
        _ steps: [(status: StepStatus, from: Int64?, to: Int64?, message: String)] = []
    ) throws -> Promotion {
        var status: JSONValue = ["message": .string(message)]
        status["phase"] = phase.map(JSONValue.string)
        status["stepExecutionMetadata"] = .array(
            zip(["clone", "step-2", "notify"], steps)
                .map { alias, step in
                    var value: JSONValue = [
                        "alias": .string(alias), "status": .string(step.status.rawValue),
                        "message": .string(step.message),
                    ]
                    value["startedAt"] = step.from.map { .string(time($0)) }
                    value["finishedAt"] = step.to.map { .string(time($0)) }
                    return value
                }
        )
        return try JSONValueDecoder().decode(Promotion.self, from: object(status: status))
    }

    static func object(status: JSONValue = [:]) -> JSONValue {
        [
            "metadata": [
                "name": "test.01.abc", "namespace": "demo", "uid": "u-1", "resourceVersion": "7",
                "annotations": ["kargo-extended.code.org/engine": "{\"engine\":\"agent\"}"],
            ],
            "spec": [
                "stage": "test", "freight": "abc",
                "steps": [["uses": "git-clone", "as": "clone"], ["uses": "mkdir"], ["uses": "http", "as": "notify"]],
            ],
            "status": status,
        ]
    }

    static func time(_ seconds: Int64) -> String {
        KubernetesTime(.init(timeIntervalSince1970: Double(start + seconds))).description
    }
}
