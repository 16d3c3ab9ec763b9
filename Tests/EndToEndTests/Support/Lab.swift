import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A local cluster of its own process with the Project `demo`, and what tests do with it.
struct Lab: Sendable {
    static let project = "demo"

    /// The cluster, as a user sees it.
    let api: ClusterConnection
    /// The files of the cluster.
    let installation: LocalInstallation
    let promotions: ObjectFeed<Promotion>
    let pods: ObjectFeed<Pod>
    let endings: EndingLog
    /// The Freight that there is.
    let freight: String

    /// Runs a cluster as long as the body lasts.
    static func with<Result: Sendable>(_ body: @Sendable (Lab) async throws -> Result) async throws -> Result {
        try await ScopedDirectory.with { directory in
            let installation = LocalInstallation(dataDirectory: directory.file("data"))
            let arguments = ["local-cluster", "--data-dir", installation.dataDirectory]
            return try await KargoProcess.with(arguments, log: directory.file("cluster.log")) { _ in
                let configuration = try ClusterConfiguration.discover(
                    environment: ["KUBECONFIG": installation.kubeconfig]
                )
                return try await ClusterConnection.with(configuration) { api in
                    try await use(api, installation, body)
                }
            }
        }
    }

    private static func use<Result: Sendable>(
        _ api: ClusterConnection,
        _ installation: LocalInstallation,
        _ body: @Sendable (Lab) async throws -> Result
    ) async throws -> Result {
        let endings = EndingLog()
        let promotions = ObjectFeed<Promotion>(api, .promotions, onChange: endings.note)
        let pods = ObjectFeed<Pod>(api, .pods)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await promotions.run() }
            group.addTask { try await pods.run() }
            defer { group.cancelAll() }
            await promotions.waitUntilSynced()
            await pods.waitUntilSynced()
            return try await body(
                Lab(
                    api: api,
                    installation: installation,
                    promotions: promotions,
                    pods: pods,
                    endings: endings,
                    freight: try await addProject(api)
                )
            )
        }
    }

    /// Where the log of a process is.
    func log(_ name: String) -> String { "\(installation.dataDirectory)/\(name).log" }

    /// Runs a controller as long as the body lasts.
    func withController<Result: Sendable>(
        kubeconfig: String,
        environment: [String: String] = [:],
        onStart: (KargoProcess) -> Void = { _ in },
        _ body: (KargoProcess) async throws -> Result
    ) async throws -> Result {
        var environment = environment
        environment["KUBECONFIG"] = kubeconfig
        // The proxy makes no tunnels.
        environment["KARGO_AGENT_CONNECTION"] = "direct"
        let arguments = ["run", "--data-dir", installation.dataDirectory]
        let log = log("controller")
        return try await KargoProcess.with(arguments, environment: environment, log: log, onStart: onStart, body)
    }

    // MARK: Objects

    @discardableResult
    static func add(_ api: any KubernetesAPI, _ resource: APIResource, _ text: String) async throws -> JSONValue {
        let object = try JSONValue(yaml: text)
        return try await api.create(resource, namespace: object[path: "metadata", "namespace"]?.stringValue, object)
    }

    /// Makes the Project, its Warehouse and Freight.
    ///
    /// - Returns: The name of the Freight.
    static func addProject(_ api: any KubernetesAPI) async throws -> String {
        try await add(api, .projects, "{apiVersion: kargo.akuity.io/v1alpha1, kind: Project, metadata: {name: demo}}")
        let spec = "{subscriptions: [{image: {repoURL: nginx}}]}"
        try await add(api, .warehouses, kargo("Warehouse", "images", "spec: \(spec)"))
        let rest = "alias: first\norigin: {kind: Warehouse, name: images}\nimages: [{repoURL: nginx, tag: '1'}]"
        let freight = try await add(api, .freights, kargo("Freight", "any", rest))
        return freight[path: "metadata", "name"]?.stringValue ?? ""
    }

    static func kargo(_ kind: String, _ name: String, _ rest: String) -> String {
        """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: \(kind)
        metadata: {name: \(name), namespace: \(project)}
        \(rest)
        """
    }

    /// Adds a Stage with these steps, a line of YAML each.
    func addStage(_ name: String, steps: [String]) async throws {
        try await Self.addStage(api, name, steps: steps)
    }

    static func addStage(_ api: any KubernetesAPI, _ name: String, steps: [String]) async throws {
        let steps = steps.map { "      - \($0)" }.joined(separator: "\n")
        let spec = """
            spec:
              requestedFreight: [{origin: {kind: Warehouse, name: images}, sources: {direct: true}}]
              promotionTemplate:
                spec:
                  steps:
            \(steps)
            """
        try await add(api, .stages, kargo("Stage", name, spec))
    }

    /// Promotes, and returns the name of the Promotion.
    func promote(_ stage: String) async throws -> String { try await Self.promote(api, stage, freight: freight) }

    static func promote(_ api: any KubernetesAPI, _ stage: String, freight: String) async throws -> String {
        let objects = KargoObjects(api: api)
        let promotion = try await PromotionBuilder(objects: objects)
            .promotion(of: objects.stage(stage, project: project), freight: freight)
        var value = try JSONValueEncoder().encode(promotion)
        value["apiVersion"] = "kargo.akuity.io/v1alpha1"
        value["kind"] = "Promotion"
        let made = try await api.create(.promotions, namespace: project, value)
        // Admission names it anew.
        return made[path: "metadata", "name"]?.stringValue ?? ""
    }

    /// Asks for the end of a Promotion.
    static func abort(_ api: any KubernetesAPI, _ promotion: String) async throws {
        let annotations: JSONValue = .object([KargoAPI.Annotation.abort: "terminate"])
        let patch = ObjectPatch.merge(["metadata": ["annotations": annotations]])
        _ = try await api.patch(.promotions, namespace: project, name: promotion, patch)
    }

    /// Waits until a Promotion has ended.
    func end(of promotion: String) async throws -> Promotion {
        try await promotions.wait(for: promotion) { $0.status.phase?.isTerminal == true }
    }

    // MARK: Plugins

    /// A plugin that tells the counter of each call, and then answers with the next of the statuses that its
    /// configuration names, or never where that says `hangs`.
    func addPlugin(_ name: String, port: Int) async throws {
        try await Self.add(api, .configMaps, Self.plugin(name, port: port))
    }

    static func plugin(_ name: String, port: Int, asksForAccount: Bool = false) -> String {
        """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: \(name)-step-plugin
          namespace: \(project)
          labels: {kargo-extended.code.org/configmap-type: StepPlugin}
        data:
          sidecar.automountServiceAccountToken: "\(asksForAccount)"
          sidecar.container: |
            name: \(name)-step-plugin
            image: python:alpine3.23
            command: [python, -u, -c]
            args:
            - |
        \(server(port: port).split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
            ports: [{containerPort: \(port)}]
            securityContext: {runAsNonRoot: true, runAsUser: 65534}
            resources:
              requests: {cpu: 50m, memory: 32Mi}
              limits: {cpu: 100m, memory: 64Mi}
          steps.yaml: |
            - kind: \(name)
        """
    }

    private static func server(port: Int) -> String {
        """
        import json, os, signal, threading, urllib.request
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                config = request["step"]["config"]
                print("called")
                urllib.request.urlopen(config["url"]).read()
                if config.get("hangs"):
                    threading.Event().wait()
                calls = f'{request["context"]["workDir"]}/{request["step"]["alias"]}.calls'
                with open(calls, "a+") as file:
                    file.write(".")
                    file.flush()
                    count = os.fstat(file.fileno()).st_size
                statuses = config.get("statuses") or ["Succeeded"]
                answer = {"status": statuses[min(count, len(statuses)) - 1], "output": {"done": True}}
                if answer["status"] == "Running":
                    answer["retryAfter"] = "100ms"
                if answer["status"] == "Errored":
                    answer["message"] = "not yet"
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())
            def log_message(self, *_):
                pass
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        ThreadingHTTPServer(("", \(port)), Handler).serve_forever()
        """
    }

    /// A step that calls the counter: builtin for no plugin, else the plugin's.
    ///
    /// Of a plugin's statuses all that are `Errored` are borne.
    static func call(
        _ counter: CallCounter,
        _ step: Int,
        plugin: String? = nil,
        hangs: Bool = false,
        statuses: [StepStatus] = []
    ) -> String {
        let url = "'http://127.0.0.1:\(counter.port)/${{ ctx.promotion }}/\(step)'"
        guard let plugin else { return "{uses: http, config: {url: \(url)}}" }
        let failures = statuses.count { $0 == .errored }
        let words = statuses.map(\.rawValue).joined(separator: ", ")
        let config = "{url: \(url), hangs: \(hangs), statuses: [\(words)]}"
        return "{uses: \(plugin), config: \(config), retry: {errorThreshold: \(failures + 1)}}"
    }
}
