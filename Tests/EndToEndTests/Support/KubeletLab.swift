import AsyncHTTPClient
import BuiltinSteps
import ControlPlane
import ExecutorRPC
import KargoControllers
import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import Logging
import PromotionsBridge
import StepPluginRegistry
import Testing

@testable import AgentPod

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A cluster without a node in this process, a controller, and a test that plays the kubelet.
struct KubeletLab: Sendable {
    /// The API as the kubelet sees it.
    let api: ClusterConnection
    let promotions: ObjectFeed<Promotion>
    /// What Promotions have said so far.
    let messages: MessageLog
    let pods: ObjectFeed<Pod>
    let agent = FakeAgent()
    /// What the controller measures the silence of Pods with.
    let clock = ManualClock()
    let freight: String
    private let directory: ScopedDirectory
    private let controllerKubeconfig: String

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs cluster and controller as long as the body lasts.
    ///
    /// - Parameters:
    ///   - log: Where the controller's requests are written down; nil for nowhere.
    ///   - body: Plays the kubelet.
    /// - Throws: What the body throws.
    static func with(log: RequestLog? = nil, _ body: @escaping @Sendable (KubeletLab) async throws -> Void) async throws
    {
        try await ScopedDirectory.with { directory in
            var configuration = LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none)
            configuration.namespaces = ["default", "kargo", "kargo-system-resources", "kargo-shared-resources"]
            configuration.customResourceDefinitions = try KargoDefinitions.customResourceDefinitions
            configuration.validationRules = KargoDefinitions.validationRules
            let cluster = LocalCluster(configuration, logger: logger) { KargoAdmission(api: $0) }
            try await cluster.run { try await use($0, directory, log, body) }
        }
    }

    private static func use(
        _ access: LocalCluster.Access,
        _ directory: ScopedDirectory,
        _ log: RequestLog?,
        _ body: @Sendable (KubeletLab) async throws -> Void
    ) async throws {
        let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.kubeconfig])
        try await ClusterConnection.with(configuration) { api in
            let messages = MessageLog()
            let lab = KubeletLab(
                api: api,
                promotions: ObjectFeed(api, .promotions, onChange: messages.note),
                messages: messages,
                pods: ObjectFeed(api, .pods),
                freight: try await Lab.addProject(api),
                directory: directory,
                controllerKubeconfig: access.controllerKubeconfig
            )
            _ = try await Lab.add(api, .configMaps, Lab.plugin("probe", port: 9765))
            try await FaultProxy.with(kubeconfig: access.controllerKubeconfig, log: log ?? RequestLog()) { proxy in
                let kubeconfig = directory.file("proxy.kubeconfig")
                try proxy.write(kubeconfig: access.controllerKubeconfig, to: kubeconfig)
                try await lab.run(log == nil ? access.controllerKubeconfig : kubeconfig, body)
            }
        }
    }

    private func run(_ kubeconfig: String, _ body: @Sendable (KubeletLab) async throws -> Void) async throws {
        let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": kubeconfig])
        let client = HTTPPluginTransport.makeClient()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(
                try await ClusterConnection.with(configuration) { api in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await promotions.run() }
                        group.addTask { try await pods.run() }
                        let (ready, signal) = AsyncStream.makeStream(of: Void.self)
                        group.addTask { try await control(api, client) { signal.finish() } }
                        for await _ in ready {}
                        defer { group.cancelAll() }
                        try await body(self)
                    }
                }
            )
        } catch {
            outcome = .failure(error)
        }
        try await client.shutdown()
        try outcome.get()
    }

    /// The controller.
    private func control(
        _ api: ClusterConnection,
        _ client: HTTPClient,
        onReady: @escaping @Sendable () -> Void
    ) async throws {
        let logger = Self.logger
        let observer = PodObserver(api: api, logger: logger)
        let keys = try await AgentKeys.load(api: api, namespace: "kargo")
        var agents = KubernetesAgentRuntime(
            api: api,
            observer: observer,
            configuration: .init(
                template: AgentPodTemplate(image: "agent:1"),
                keys: keys
            ),
            client: client,
            logger: logger,
            clock: clock
        )
        agents.connect = { [agent] place in agent.expecting(String(decoding: place.pin.certificate, as: UTF8.self)) }
        let registry = StepRegistry()
        let isBuiltin: @Sendable (String) -> Bool = { registry.kind($0) != nil }
        let source = ConfigMapPluginSource(
            api: api,
            systemNamespace: "kargo-system-resources",
            isBuiltin: isBuiltin,
            logger: logger
        )
        let engine = PluginAwareEngine(
            local: LocalEngine(root: directory.file("work"), registry: registry, maximumConcurrency: 4),
            registry: registry,
            plugins: source,
            agents: agents,
            keys: keys,
            broker: CapabilityBroker(
                capabilities: StepCapabilities(),
                access: { registry.access($0) },
                logger: logger
            ),
            data: ClusterExpressionData(api: api, sharedNamespace: "kargo-shared-resources")
        )
        let controller = KargoController(api: api, engine: engine, configuration: .init(), logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await observer.run() }
            group.addTask { try await source.run() }
            group.addTask { try await controller.run { onReady() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    // MARK: What users do

    /// Promotes a Stage whose steps are the plugin's, and waits for the Pod.
    func promote(steps: [String] = ["{uses: probe, as: first}"]) async throws -> (promotion: String, pod: Pod) {
        try await Lab.addStage(api, "test", steps: steps)
        let name = try await Lab.promote(api, "test", freight: freight)
        return (name, try await newPod())
    }

    /// Waits until a Promotion has said something that it had not said so far.
    @discardableResult
    func wait(for isWanted: (String) -> Bool) async throws -> String {
        var message: String?
        try await promotions.wait { _ in
            message = messages.take(isWanted)
            return message != nil
        }
        return try #require(message)
    }

    /// Waits for the end of a Promotion.
    func end(of promotion: String) async throws -> Promotion {
        try await promotions.wait(for: promotion) { $0.status.phase?.isTerminal == true }
    }

    // MARK: What the kubelet does

    /// Waits for a Pod that is none of those.
    func newPod(besides uids: String...) async throws -> Pod {
        var found: Pod?
        try await pods.wait { pods in
            found = pods.first { !uids.contains($0.metadata.uid) && $0.metadata.deletionTimestamp == nil }
            return found != nil
        }
        return try #require(found)
    }

    /// Writes the status of a Pod.
    func report(_ pod: Pod, _ status: String) async throws {
        let status = try JSONValue(yaml: status)
        _ = try await api.patch(
            .pods,
            namespace: pod.metadata.namespace,
            name: pod.metadata.name,
            subresource: "status",
            .merge(["status": status])
        )
    }

    /// The status of a Pod whose containers run.
    ///
    /// - Parameters:
    ///   - certificate: Names the certificate that its init container has published.
    ///   - plugin: The state of the plugin's container, in YAML.
    /// - Returns: The status, in YAML.
    /// - Throws: Never, as far as the certificate is one.
    static func running(
        certificate: String = certificates.first,
        plugin: String = "state: {running: {}}"
    ) throws
        -> String
    {
        let message = try JSONValueEncoder().encode(AgentAnnouncement(certificate: certificate)).text()
        return """
            phase: Running
            podIP: 10.0.0.7
            podIPs: [{ip: 10.0.0.7}]
            initContainerStatuses:
            - name: step-plugin-token-init
              image: agent:1
              imageID: ''
              ready: true
              restartCount: 0
              state: {terminated: {exitCode: 0, message: \(JSONValue.string(message).text())}}
            - {name: probe-step-plugin, image: x, imageID: '', ready: true, restartCount: 0, \(plugin)}
            containerStatuses:
            - {name: promotion-agent, image: 'agent:1', imageID: '', ready: true, restartCount: 0, state: {running: {}}}
            """
    }

    /// Two certificates.
    static let certificates: (first: String, second: String) = (makeCertificate(), makeCertificate())

    private static func makeCertificate() -> String {
        do {
            let pair = try Certificate.makeSelfSignedServer(name: "promotion-agent", now: Date(), days: 1)
            return String(decoding: pair.certificate, as: UTF8.self)
        } catch {
            return "\(error)"
        }
    }

    /// Takes a Pod away whose containers have ended.
    func remove(_ pod: Pod) async throws {
        var options = DeleteOptions()
        options.gracePeriodSeconds = 0
        do {
            try await api.delete(.pods, namespace: pod.metadata.namespace, name: pod.metadata.name, options: options)
        } catch let error as KubernetesError where error.code == .notFound {
            return
        }
    }

    /// Ends the containers of a Pod when the controller asks for it.
    func removeWhenAsked(_ pod: Pod) async throws {
        try await pods.wait { pods in
            !pods.contains { $0.metadata.uid == pod.metadata.uid && $0.metadata.deletionTimestamp == nil }
        }
        if pods.all.contains(where: { $0.metadata.uid == pod.metadata.uid }) { try await remove(pod) }
    }
}
