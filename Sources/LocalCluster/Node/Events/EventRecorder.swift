import KargoCore
import KubernetesClient
import Logging
import Synchronization

/// Writes Events about Pods: what is told again counts the Event up that is there, as the kubelet does.
final class EventRecorder: Sendable {
    /// Who tells.
    enum Source: String, Sendable {
        /// Who runs Pods.
        case kubelet
        /// Who decides where a Pod runs.
        case scheduler = "default-scheduler"
    }

    private struct Key: Hashable {
        var uid: String
        var container: String?
        var reason: String
        var message: String
    }

    private struct Written {
        var name: String
        var count: Int32
    }

    private let api: any KubernetesAPI
    private let node: String
    private let logger: Logger
    private let written = Mutex<[Key: Written]>([:])

    /// Makes a recorder.
    ///
    /// - Parameters:
    ///   - api: Where Events are written.
    ///   - node: The name of the node.
    ///   - logger: Where it says that one can't be written, which is no reason for anything else to stop.
    init(api: any KubernetesAPI, node: String, logger: Logger) {
        self.api = api
        self.node = node
        self.logger = logger
    }

    /// Writes an Event.
    func record(_ note: PodNote, of pod: Pod, by source: Source = .kubelet) async {
        let key = Key(uid: pod.metadata.uid, container: note.container, reason: note.reason, message: note.message)
        let known = written.withLock { written in
            written[key]?.count += 1
            return written[key]
        }
        do {
            if let known, try await count(known, note, of: pod) { return }
            let event = event(note, of: pod, by: source)
            _ = try await api.create(.events, namespace: pod.metadata.namespace, JSONValueEncoder().encode(event))
            written.withLock { $0[key] = Written(name: event.metadata.name, count: 1) }
        } catch {
            logger.debug("an Event can't be written", metadata: ["pod": "\(PodKey(pod))", "error": "\(error)"])
        }
    }

    /// Forgets what was told of a Pod that is gone.
    func forget(uid: String) {
        written.withLock { written in written = written.filter { $0.key.uid != uid } }
    }

    /// Counts an Event up; false where it is gone.
    private func count(_ known: Written, _ note: PodNote, of pod: Pod) async throws -> Bool {
        let change: JSONValue = [
            "count": .int(Int64(known.count)), "lastTimestamp": .string(KubernetesTime(note.time.date).description),
        ]
        do {
            _ = try await api.patch(.events, namespace: pod.metadata.namespace, name: known.name, .merge(change))
            return true
        } catch let error as KubernetesError where error.code == .notFound {
            return false
        }
    }

    private func event(_ note: PodNote, of pod: Pod, by source: Source) -> Event {
        var event = Event()
        event.metadata.name = "\(pod.metadata.name).\(String(UInt64.random(in: .min ... .max), radix: 16))"
        event.metadata.namespace = pod.metadata.namespace
        event.involvedObject.apiVersion = "v1"
        event.involvedObject.kind = "Pod"
        event.involvedObject.namespace = pod.metadata.namespace
        event.involvedObject.name = pod.metadata.name
        event.involvedObject.uid = pod.metadata.uid
        event.involvedObject.resourceVersion = pod.metadata.resourceVersion
        if let container = note.container {
            let isInit = pod.spec.initContainers.contains { $0.name == container }
            event.involvedObject.fieldPath = "spec.\(isInit ? "initContainers" : "containers"){\(container)}"
        }
        event.reason = note.reason
        event.message = note.message
        event.type = note.isWarning ? "Warning" : "Normal"
        event.source.component = source.rawValue
        if source == .kubelet { event.source.host = node }
        event.reportingComponent = source.rawValue
        event.reportingInstance = source == .kubelet ? node : ""
        let time = KubernetesTime(note.time.date)
        event.firstTimestamp = time
        event.lastTimestamp = time
        event.count = 1
        return event
    }
}
