import KargoCore
import KubernetesClient

/// What the cluster tells of a Pod that tells nothing itself: missing volumes and pull secrets, broken networks.
struct PodEvents: Sendable {
    /// After how long a Pod that tells nothing is silent.
    static let patience = Duration.seconds(10)
    /// How long a silent Pod is left alone between two looks.
    static let interval = Duration.seconds(30)

    let api: any KubernetesAPI

    /// The newest warning about a Pod; nil if there is none, or it can't be read.
    func warning(about pod: Pod) async -> String? {
        let list = try? await api.list(
            .events,
            namespace: pod.metadata.namespace,
            options: ListOptions(fieldSelector: "involvedObject.uid=\(pod.metadata.uid),type=Warning")
        )
        let events = list?.items.compactMap { try? JSONValueDecoder().decode(Event.self, from: $0) } ?? []
        return events.max { $0.lastOccurrence < $1.lastOccurrence }
            .map { $0.reason.isEmpty ? $0.message : "\($0.reason): \($0.message)" }
    }
}

extension Event {
    /// When it happened last; clients of different age write it in different fields.
    fileprivate var lastOccurrence: Int64 {
        let time =
            series?.lastObservedTime
            ?? (lastTimestamp ?? firstTimestamp ?? metadata.creationTimestamp).map { KubernetesMicroTime($0.date) }
            ?? eventTime
        return time?.microsecondsSince1970 ?? 0
    }
}
