import KargoCore
import KubernetesClient
import Logging
import Synchronization

/// Keeps what the steps of a Promotion write in a ConfigMap, which outlives their Pod.
///
/// What can't be kept is told in the log, and no step fails by it, nor waits for it for long: an API server whose
/// kubelet is silent never ends a log.
struct StepLogKeeper: Sendable {
    private let api: any KubernetesAPI
    private let pod: ObjectKey
    private let promotion: Promotion
    private let redact: @Sendable (String) -> String
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let backoff = Backoff(first: .milliseconds(100), longest: .seconds(1))
    private let kept = Kept()

    /// How often a write is tried.
    private static let attempts = 3
    /// How long reading may take, and writing.
    private static let patience = Duration.seconds(5)

    /// The book as it was written last; nil before it was read.
    private final class Kept: Sendable {
        let book = Mutex<StepLogBook?>(nil)
    }

    /// Makes a keeper.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - pod: The agent's Pod.
    ///   - promotion: The Promotion.
    ///   - redact: Takes secrets out of a text.
    ///   - logger: Where failures are told.
    ///   - clock: What patience is measured with.
    init(
        api: any KubernetesAPI,
        pod: ObjectKey,
        promotion: Promotion,
        redact: @escaping @Sendable (String) -> String,
        logger: Logger,
        clock: any Clock<Duration> = .continuous
    ) {
        self.api = api
        self.pod = pod
        self.promotion = promotion
        self.redact = redact
        self.logger = logger
        self.clock = clock
    }

    /// Keeps what a container has written during an attempt of a step.
    ///
    /// - Parameters:
    ///   - step: The step, counted from 0.
    ///   - container: The container that it ran in.
    ///   - wasRestarted: Whether the container has been restarted since.
    ///   - start: When the attempt began, by the clock of the node.
    func keep(step: Int, container: String, wasRestarted: Bool, since start: KubernetesMicroTime) async {
        do {
            let text = try await limited("reading it") {
                let before = wasRestarted ? try await read(container, .previous, since: start) : ""
                return redact(before + (try await read(container, .upToNow, since: start)))
            }
            guard !text.isEmpty else { return }
            try await limited("writing it") { try await write(text, step: step) }
        } catch is CancellationError {
            return
        } catch {
            logger.warning(
                "log of a step not kept",
                metadata: ["promotion": "\(promotion.metadata.name)", "step": "\(step)", "error": "\(error)"]
            )
        }
    }

    private func limited<Result: Sendable>(
        _ title: String,
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard let result = try await clock.within(Self.patience, work) else {
            throw KubernetesError(.unreachable, "\(title) took more than \(Self.patience)")
        }
        return result
    }

    private func read(
        _ container: String,
        _ reading: LogReading,
        since start: KubernetesMicroTime
    ) async throws -> String {
        var tail = LogTail(limit: 2 * StepLogBook.stepLimit)
        try await api.logs(ofPod: pod.name, namespace: pod.namespace, container: container, since: start, reading) {
            tail.append($0)
        }
        return tail.text
    }

    private func write(_ text: String, step: Int) async throws {
        let name = KargoAPI.StepLogs.name(promotionUID: promotion.metadata.uid)
        let namespace = promotion.metadata.namespace
        var failures = 0
        while true {
            do {
                let known = kept.book.withLock { $0 }
                let stored = if let known { known as StepLogBook? } else { try await stored(name) }
                var book = stored ?? StepLogBook()
                book.append(text, step: step)
                if stored == nil {
                    _ = try await api.create(.configMaps, namespace: namespace, encoded(book, name))
                } else {
                    let data = book.data.mapValues { JSONValue.string($0) }
                    _ = try await api.patch(
                        .configMaps,
                        namespace: namespace,
                        name: name,
                        .merge(["data": .object(data)])
                    )
                }
                kept.book.withLock { $0 = book }
                return
            } catch let error as KubernetesError {
                // Somebody has made or removed it meanwhile.
                kept.book.withLock { $0 = nil }
                failures += 1
                guard failures < Self.attempts,
                    error.isTransient || error.code == .notFound || error.code == .alreadyExists
                else { throw error }
                try await backoff.pause(afterFailures: failures)
            }
        }
    }

    /// What an earlier controller has kept; nil if there is nothing.
    private func stored(_ name: String) async throws -> StepLogBook? {
        do {
            let value = try await api.get(.configMaps, namespace: promotion.metadata.namespace, name: name)
            return StepLogBook(try JSONValueDecoder().decode(ConfigMap.self, from: value).data)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private func encoded(_ book: StepLogBook, _ name: String) throws -> JSONValue {
        var configMap = ConfigMap()
        configMap.apiVersion = "v1"
        configMap.kind = "ConfigMap"
        configMap.metadata.name = name
        configMap.metadata.namespace = promotion.metadata.namespace
        configMap.metadata.labels[KargoAPI.Label.promotion] = LabelValue.shortened(promotion.metadata.name)
        configMap.metadata.ownerReferences = [OwnerReference(promotion)]
        configMap.data = book.data
        return try JSONValueEncoder().encode(configMap)
    }
}
