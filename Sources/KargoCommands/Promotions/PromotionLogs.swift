import ControlPlane
import KargoCore
import KubernetesClient

/// What the containers of a Promotion's Pod write.
struct PromotionLogs {
    private static let agentContainer = "promotion-agent"
    /// The agent's variable in which the Pod says what kind of step runs in which container.
    private static let targetsVariable = "KARGO_STEP_PLUGIN_TARGETS"

    let api: any KubernetesAPI
    let promotion: Promotion
    let pod: Pod
    var write: @Sendable (String) -> Void = Console.write
    var note: @Sendable (String) -> Void = Console.note

    /// Finds the Pod; nil if there is none.
    ///
    /// - Throws: ``CommandError`` if there can't be one.
    init?(api: any KubernetesAPI, promotion: Promotion) async throws {
        let name = promotion.metadata.name
        guard let pin = promotion.metadata.annotations[KargoAPI.Annotation.engine] else {
            throw CommandError("Promotion \"\(name)\" has not begun; try again when it is running")
        }
        guard (try? JSONValue(parsing: pin))?["engine"] != "local" else {
            throw CommandError(
                "Promotion \"\(name)\" uses no plugins and so has no Pod; its steps run in kargo-controller, whose log "
                    + "has what they write"
            )
        }
        let selector = "\(KargoAPI.Label.promotion)=\(LabelValue.shortened(name))"
        let pods = try await api.list(
            .pods,
            namespace: promotion.metadata.namespace,
            options: ListOptions(labelSelector: selector)
        )
        let own = pods.items.last {
            $0[path: "metadata", "annotations", KargoAPI.Annotation.promotionUID]?.stringValue == promotion.metadata.uid
        }
        guard let own else { return nil }
        self.api = api
        self.promotion = promotion
        pod = try KargoObjects(api: api).decode(Pod.self, own)
    }

    /// Prints the log of one step's container, or of all containers.
    func print(step: String?, _ reading: LogReading) async throws {
        let containers = try step.map { [try container(ofStep: $0)] } ?? allContainers
        let width = containers.map(\.count).max() ?? 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            for container in containers {
                let prefix = containers.count == 1 ? "" : container.padded(to: width) + " | "
                if reading == .upToNow {
                    try await print(container, prefix: prefix, reading)
                } else {
                    group.addTask { try await print(container, prefix: prefix, reading) }
                }
            }
            for try await _ in group {}
        }
    }

    private var allContainers: [String] { (pod.spec.initContainers + pod.spec.containers).map(\.name) }

    /// The container in which a step runs.
    func container(ofStep alias: String) throws(CommandError) -> String {
        let step = promotion.spec.steps[try promotion.index(ofStep: alias)]
        let agent = pod.spec.containers.first { $0.name == Self.agentContainer }
        let targets = agent?.env.first { $0.name == Self.targetsVariable }?.value
        let target = targets.flatMap { try? JSONValue(parsing: $0) }?[step.uses]
        return target?["containerName"]?.stringValue ?? Self.agentContainer
    }

    private func print(_ container: String, prefix: String, _ reading: LogReading) async throws {
        let pauses = Backoff(first: .milliseconds(500), longest: .seconds(2))
        while true {
            do {
                try await api.logs(
                    ofPod: pod.metadata.name,
                    namespace: pod.metadata.namespace,
                    container: container,
                    reading
                ) { write(prefix + String(decoding: $0, as: UTF8.self) + "\n") }
                return
            } catch let error as KubernetesError where error.code == .badRequest {
                // The container has not begun.
                guard reading == .untilItEnds else {
                    note("\(container): \(error)")
                    return
                }
            } catch let error as KubernetesError where error.code == .notFound {
                note("\(container): the Pod is gone")
                return
            }
            try await pauses.pause(afterFailures: 2)
        }
    }
}
