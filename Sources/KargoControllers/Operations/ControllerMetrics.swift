import KargoCore
public import KubernetesClient

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The process itself.
public struct ProcessMetrics: MetricSource {
    private let start: Date
    private let system: String

    /// Makes the numbers of a process.
    ///
    /// - Parameter start: When it began.
    public init(start: Date) {
        self.start = start
        #if os(Linux)
        system = "linux"
        #else
        system = "darwin"
        #endif
    }

    /// When it began, and what it was built with.
    public func metrics() -> [Metric] {
        #if arch(arm64)
        let architecture = "arm64"
        #else
        let architecture = "amd64"
        #endif
        #if DEBUG
        let configuration = "debug"
        #else
        let configuration = "release"
        #endif
        return [
            Metric(
                "process_start_time_seconds",
                .gauge,
                "When the process began, in seconds since 1970.",
                start.timeIntervalSince1970
            ),
            Metric(
                "kargo_build_info",
                .gauge,
                "What the program was built for; always 1.",
                [
                    Metric.Sample(
                        ["system": system, "architecture": architecture, "configuration": configuration],
                        .number(1)
                    )
                ]
            ),
        ]
    }
}

/// The requests to an API server.
public struct RequestMetrics: MetricSource {
    private let statistics: RequestStatistics

    /// Makes the numbers of a connection.
    public init(_ statistics: RequestStatistics) { self.statistics = statistics }

    /// The number of requests, by code, host and method.
    public func metrics() -> [Metric] {
        let counts = statistics.counts.map { kind, count in
            (method: kind.method.rawValue, code: kind.status.map(String.init) ?? "<error>", count: Double(count))
        }
        return [
            Metric(
                "rest_client_requests_total",
                .counter,
                "Requests to the API server, by HTTP status, host and method; <error> where there was no answer.",
                counts.sorted { ($0.method, $0.code) < ($1.method, $1.code) }
                    .map { count in
                        Metric.Sample(
                            ["code": count.code, "host": statistics.host, "method": count.method],
                            .number(count.count)
                        )
                    }
            )
        ]
    }
}

/// Objects by their phase, or whatever else sorts them.
public struct ObjectCountMetrics: MetricSource {
    private let name: String
    private let help: String
    private let label: String
    private let sorts: [String]
    private let count: @Sendable () -> [String: Int]

    /// Makes the numbers of a kind.
    ///
    /// - Parameters:
    ///   - name: The name of the metric.
    ///   - help: What it means.
    ///   - label: The name of the label.
    ///   - sorts: Its values, each of which has a number; what is of another sort counts as the last one.
    ///   - count: The number of objects by their sort.
    public init(
        _ name: String,
        _ help: String,
        label: String,
        sorts: [String],
        count: @escaping @Sendable () -> [String: Int]
    ) {
        self.name = name
        self.help = help
        self.label = label
        self.sorts = sorts
        self.count = count
    }

    /// The number of objects of each sort.
    public func metrics() -> [Metric] {
        var counts: [String: Int] = [:]
        for (sort, count) in count() {
            counts[sorts.contains(sort) ? sort : sorts.last ?? sort, default: 0] += count
        }
        return [
            Metric(name, .gauge, help, sorts.map { Metric.Sample([label: $0], .number(Double(counts[$0] ?? 0))) })
        ]
    }
}

/// Whether this process leads.
struct LeaderMetrics: MetricSource {
    let lease: String
    let operations: ControllerOperations

    func metrics() -> [Metric] {
        [
            Metric(
                "leader_election_master_status",
                .gauge,
                "Whether this process holds the Lease.",
                [Metric.Sample(["name": lease], .number(operations.stage == .working ? 1 : 0))]
            )
        ]
    }
}

/// A loop, under the names that controller-runtime has for its numbers.
struct LoopMetrics: MetricSource {
    let name: String
    let statistics: @Sendable () -> ReconcileStatistics

    private static let results: [(outcome: ReconcileStatistics.Outcome, label: String)] = [
        (.done, "success"), (.requeued, "requeue_after"), (.backedOff, "requeue"), (.failed, "error"),
    ]

    func metrics() -> [Metric] {
        let now = statistics()
        let controller: KeyValuePairs = ["controller": name]
        func number(_ name: String, _ kind: Metric.Kind, _ help: String, _ number: Int) -> Metric {
            Metric(name, kind, help, [Metric.Sample(controller, .number(Double(number)))])
        }
        return [
            Metric(
                "controller_runtime_reconcile_total",
                .counter,
                "Looks at objects, by controller and result.",
                Self.results.map { result in
                    Metric.Sample(
                        ["controller": name, "result": result.label],
                        .number(Double(now.outcomes[result.outcome] ?? 0))
                    )
                }
            ),
            number(
                "controller_runtime_reconcile_errors_total",
                .counter,
                "Looks at objects that failed.",
                now.outcomes[.failed] ?? 0
            ),
            Metric(
                "controller_runtime_reconcile_time_seconds",
                .histogram,
                "How long looks at objects took.",
                [Metric.Sample(controller, .durations(now.durations))]
            ),
            number("controller_runtime_active_workers", .gauge, "Objects that are worked on.", now.workingCount),
            number(
                "controller_runtime_max_concurrent_reconciles",
                .gauge,
                "Objects that may be worked on at a time.",
                now.maximumConcurrency
            ),
            Metric(
                "workqueue_depth",
                .gauge,
                "Objects that wait for a worker.",
                [Metric.Sample(["controller": name, "name": name], .number(Double(now.dueCount)))]
            ),
        ]
    }
}
