import AgentPod
import AsyncHTTPClient
import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import NIOCore
import Testing

/// What the controller asks of the API server, held against what it is granted.
@Suite(
    "Requests and shipped Roles",
    .tags(.integration),
    .enabled(if: KargoProcess.isAvailable),
    .timeLimit(.minutes(10))
)
struct AccessIntegrationTests {
    /// Argo CD's definition, as far as it matters: its status is no subresource.
    private static let applications = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: applications.argoproj.io}
        spec:
          group: argoproj.io
          scope: Namespaced
          names: {plural: applications, singular: application, kind: Application}
          versions:
          - name: v1alpha1
            served: true
            storage: true
            schema:
              openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """

    private static let definitions = APIResource(
        group: "apiextensions.k8s.io",
        plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition",
        isNamespaced: false
    )

    @Test func `nothing is asked that is not granted, and nothing granted that is never asked`() async throws {
        let log = RequestLog()
        try await Lab.with { lab in
            let seen: @Sendable (String) async throws -> Void = { try await waitForLog(lab, $0) }
            try await CallCounter.with(answer: seen) { counter in
                try await prepare(lab)
                try await FaultProxy.with(kubeconfig: lab.installation.controllerKubeconfig, log: log) { proxy in
                    let kubeconfig = "\(lab.installation.dataDirectory)/proxy.kubeconfig"
                    try proxy.write(kubeconfig: lab.installation.controllerKubeconfig, to: kubeconfig)
                    try await run(lab, counter, kubeconfig)
                    try await startInCluster(lab, kubeconfig)
                }
            }
        }
        try await askForEvents(log)
        let grants = try ShippedGrants(projects: [Lab.project]).all
        var asked = log.all.filter { !$0.resource.isEmpty }
        // Newer servers ask whether whoever upgrades a request may create besides.
        for var request in asked where request.resource == "pods/portforward" {
            request.verb = "create"
            asked.insert(request)
        }
        let refused = asked.filter { request in !grants.contains { $0.covers(request) } }
        #expect(refused == [], "asked and not granted")
        let idle = grants.filter { grant in !asked.contains { grant.covers($0) } }
        #expect(idle == [], "granted and never asked")
    }

    /// What steps look for.
    private func prepare(_ lab: Lab) async throws {
        try await Lab.add(lab.api, Self.definitions, Self.applications)
        try await Lab.add(lab.api, .namespaces, "{metadata: {name: argocd}}")
        for (namespace, label) in [
            (Lab.project, "{}"), ("kargo-shared-resources", "{kargo.akuity.io/cred-type: generic}"),
        ] {
            let metadata = "metadata: {name: some, namespace: \(namespace), labels: \(label)}"
            try await Lab.add(lab.api, .configMaps, "{\(metadata), data: {a: b}}")
            try await Lab.add(lab.api, .secrets, "{\(metadata), data: {a: Yg==}}")
        }
        try await Lab.add(
            lab.api,
            .secrets,
            "{metadata: {name: signing, namespace: kargo-system-resources}, stringData: {signingKey: none}}"
        )
        try await Lab.add(
            lab.api,
            .clusterConfigs,
            """
            apiVersion: kargo.akuity.io/v1alpha1
            kind: ClusterConfig
            metadata: {name: cluster}
            spec: {gitClient: {name: a, email: a@example.com, signingKeySecret: {name: signing}}}
            """
        )
        try await Lab.add(
            lab.api,
            .applications,
            """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata:
              name: app
              namespace: argocd
              annotations: {kargo.akuity.io/authorized-stage: 'demo:argocd'}
            spec: {project: default, source: {repoURL: 'https://git/app', targetRevision: main, path: env}}
            """
        )
        try await Lab.add(lab.api, .configMaps, Lab.plugin("tally", port: 19_720, asksForAccount: true))
    }

    /// The controller as a process, twice.
    private func run(_ lab: Lab, _ counter: CallCounter, _ kubeconfig: String) async throws {
        try await lab.addStage(
            "builtin",
            steps: [
                """
                {uses: compose-output, config: {a: "${{ configMap('some').a + secret('some').a + \
                sharedConfigMap('some').a + sharedSecret('some').a }}", b: "${{ stageMetadata('builtin') }}", \
                c: "${{ imageFrom('nginx').Tag }}", d: "${{ freightMetadata(ctx.targetFreight.name) }}"}}
                """,
                "{uses: set-metadata, config: {updates: [{kind: Stage, name: builtin, values: {a: 1}}, "
                    + "{kind: Freight, name: \(lab.freight), values: {a: 1}}]}}",
                "{uses: set-freight-alias, config: {name: \(lab.freight), alias: second}}",
                "{uses: record-audit-event, config: {message: done}}",
            ]
        )
        try await lab.addStage(
            "argocd",
            steps: [
                "{uses: argocd-update, retry: {timeout: 5s}, config: {apps: [{name: app, sources: "
                    + "[{repoURL: 'https://git/app', desiredRevision: main, updateTargetRevision: true}]}]}}"
            ]
        )
        let clone = "{repoURL: 'https://127.0.0.1:1/x.git', checkout: [{path: x}]}"
        try await lab.addStage(
            "mixed",
            steps: [
                Lab.call(counter, 0, plugin: "tally"), Lab.call(counter, 1, plugin: "tally"),
                "{uses: git-clone, config: \(clone)}",
            ]
        )
        try await lab.addStage("long", steps: [Lab.call(counter, 0, plugin: "tally", hangs: true)])
        var environment = try ShippedGrants.environment().filter { !$0.value.hasPrefix("/") }
        environment["ARGOCD_INTEGRATION_ENABLED"] = "true"
        environment["METRICS_BIND_ADDRESS"] = "127.0.0.1:0"
        try await lab.withController(kubeconfig: kubeconfig, environment: environment) { process in
            let builtin = try await lab.end(of: try await lab.promote("builtin"))
            #expect(builtin.status.phase == .succeeded, "\(builtin.status.message)")
            _ = try await lab.end(of: try await lab.promote("argocd"))
            let mixed = try await lab.end(of: try await lab.promote("mixed"))
            // There is no such repository; what matters is who was asked for credentials before.
            #expect(mixed.status.stepExecutionMetadata.map(\.status) == [.succeeded, .succeeded, .errored])
            try await abortAndDelete(lab, counter)
            try await lab.pods.wait { $0.isEmpty }
            let name = try await lab.promote("long")
            try await counter.wait { $0 == "\(name)/0" }
            process.kill()
            // Its Pod is an orphan when the next controller starts.
            try await change(lab, .promotions, name, status: ["phase": "Aborted"])
        }
        try await withNamespaces(of: lab) { namespaces in
            try await loseNamespace(lab, namespaces)
            environment["KARGO_LEADER_ELECTION"] = "true"
            try await lab.withController(kubeconfig: kubeconfig, environment: environment) { _ in
                try await lab.pods.wait { $0.isEmpty }
                try await namespaces.wait(for: "lost") { $0.metadata.finalizers.contains(KargoAPI.finalizer) }
                try await endProjects(lab, namespaces)
            }
        }
    }

    private struct Seen: Error {}

    /// Waits until what a plugin has written of a call is in its log, so that there is something to keep of each step.
    private func waitForLog(_ lab: Lab, _ call: String) async throws {
        let promotion = call.prefix { $0 != "/" }
        let owns = { (pod: Pod) in pod.metadata.ownerReferences.contains { $0.name == promotion } }
        let pod = try #require(lab.pods.all.first(where: owns)).metadata.name
        var missing = (Int(call.drop { $0 != "/" }.dropFirst()) ?? 0) + 1
        do {
            let container = "tally-step-plugin"
            try await lab.api.logs(ofPod: pod, namespace: Lab.project, container: container, .untilItEnds) { line in
                if line == Array("called".utf8) { missing -= 1 }
                if missing == 0 { throw Seen() }
            }
        } catch is Seen {}
    }

    private func abortAndDelete(_ lab: Lab, _ counter: CallCounter) async throws {
        let aborted = try await lab.promote("long")
        try await counter.wait { $0 == "\(aborted)/0" }
        try await Lab.abort(lab.api, aborted)
        #expect(try await lab.end(of: aborted).status.phase == .aborted)
        let deleted = try await lab.promote("long")
        try await counter.wait { $0 == "\(deleted)/0" }
        try await lab.api.delete(.promotions, namespace: Lab.project, name: deleted)
        try await lab.promotions.wait { promotions in !promotions.contains { $0.metadata.name == deleted } }
    }

    private func change(_ lab: Lab, _ resource: APIResource, _ name: String, status: JSONValue) async throws {
        _ = try await lab.api.patch(
            resource,
            namespace: Lab.project,
            name: name,
            subresource: "status",
            .merge(["status": status])
        )
    }

    private func withNamespaces(of lab: Lab, _ body: (ObjectFeed<Namespace>) async throws -> Void) async throws {
        let namespaces = ObjectFeed<Namespace>(lab.api, .namespaces)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await namespaces.run() }
            defer { group.cancelAll() }
            await namespaces.waitUntilSynced()
            try await body(namespaces)
        }
    }

    private func makeProject(_ lab: Lab, _ name: String) async throws {
        let project = "{apiVersion: kargo.akuity.io/v1alpha1, kind: Project, metadata: {name: \(name)}}"
        try await Lab.add(lab.api, .projects, project)
    }

    /// Makes a Project whose Namespace goes while no controller looks.
    private func loseNamespace(_ lab: Lab, _ namespaces: ObjectFeed<Namespace>) async throws {
        try await makeProject(lab, "lost")
        try await namespaces.wait(for: "lost") { _ in true }
        _ = try await lab.api.patch(.namespaces, name: "lost", .merge(["metadata": ["finalizers": nil]]))
        try await lab.api.delete(.namespaces, name: "lost")
        try await namespaces.wait { all in !all.contains { $0.metadata.name == "lost" } }
    }

    /// A Project that goes with its Namespace, and a Namespace that goes with its Project.
    private func endProjects(_ lab: Lab, _ namespaces: ObjectFeed<Namespace>) async throws {
        let projects = ObjectFeed<PartialObject>(lab.api, .projects)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await projects.run() }
            defer { group.cancelAll() }
            for (name, doomed) in [("one", APIResource.projects), ("two", .namespaces)] {
                try await makeProject(lab, name)
                try await namespaces.wait(for: name) { $0.metadata.finalizers.contains(KargoAPI.finalizer) }
                try await projects.wait(for: name) { $0.metadata.finalizers.contains(KargoAPI.finalizer) }
                try await lab.api.delete(doomed, name: name)
                try await namespaces.wait { all in !all.contains { $0.metadata.name == name } }
                try await projects.wait { all in !all.contains { $0.metadata.name == name } }
            }
        }
    }

    /// What only a controller asks that runs in the cluster, and what needs a signing key.
    private func startInCluster(_ lab: Lab, _ kubeconfig: String) async throws {
        let pod = "{containers: [{name: kargo-controller, image: none, command: [sleep, '600']}]}"
        try await Lab.add(lab.api, .pods, "{metadata: {name: own, namespace: kargo}, spec: \(pod)}")
        let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": kubeconfig])
        try await ClusterConnection.with(configuration) { api in
            _ = try await AgentKeys.load(api: api, namespace: "kargo")
            let environment = ["POD_NAME": "own", "POD_NAMESPACE": "kargo"]
            let image = try await AgentImage.find(named: nil, pullPolicy: nil, environment: environment, api: api)
            #expect(image.name == "none")
            let identity = ClusterGitIdentity(
                api: api,
                systemNamespace: "kargo-system-resources",
                settings: ClusterGitIdentity.Settings()
            )
            #expect(try await identity.gitUser().signingKey == "none")
            try await askForPort(api)
        }
        var options = DeleteOptions()
        options.gracePeriodSeconds = 0
        try await lab.api.delete(.pods, namespace: "kargo", name: "own", options: options)
    }

    /// What only a controller asks that can't reach Pods; this server's answer does not get through the proxy.
    private func askForPort(_ api: ClusterConnection) async throws {
        let proxy = try await PortForwardProxy(cluster: api)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await proxy.run() }
            defer { group.cancelAll() }
            var configuration = HTTPClient.Configuration()
            configuration.proxy = proxy.settings
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let url = "https://\(PortForwardProxy.host(of: ObjectKey(namespace: Lab.project, name: "none"))):9764/"
            _ = try? await client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
            try await client.shutdown()
        }
    }

    /// A Pod that tells nothing, whose Events are looked for.
    private func askForEvents(_ log: RequestLog) async throws {
        try await KubeletLab.with(log: log) { lab in
            _ = try await lab.promote()
            try await lab.wait { $0 == "the agent Pod is starting" }
            await lab.clock.waitForSleepers()
            lab.clock.advance(by: .seconds(10))
            // Once more, as soon as it has looked.
            await lab.clock.waitForSleepers()
        }
    }
}
