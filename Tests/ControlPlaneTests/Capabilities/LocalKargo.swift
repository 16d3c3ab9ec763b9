import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import Logging
import Testing

/// A cluster with Kargo's kinds and admission, over HTTPS, for the time of a test.
struct LocalKargo: Sendable {
    /// What the controller sees of it.
    let api: ClusterConnection

    /// Argo CD's definition, as far as it matters: its status is no subresource.
    static let applicationDefinition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: applications.argoproj.io}
        spec:
          group: argoproj.io
          scope: Namespaced
          names: {plural: applications, singular: application, kind: Application, shortNames: [app, apps]}
          versions:
          - name: v1alpha1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                required: [metadata, spec]
                properties:
                  spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
                  status: {type: object, x-kubernetes-preserve-unknown-fields: true}
                  operation: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """

    static let definitions = APIResource(
        group: "apiextensions.k8s.io",
        version: "v1",
        plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition",
        isNamespaced: false
    )

    /// Starts the cluster with the Project `demo`, its Stage `test`, the Freight `f1` and `f2`, and the namespaces
    /// `argocd` and `kargo-system-resources`.
    static func with(
        hasArgoCD: Bool = true,
        _ body: @escaping @Sendable (LocalKargo) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            var configuration = LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none)
            configuration.namespaces = ["default", "argocd", "kargo-system-resources"]
            configuration.customResourceDefinitions = try KargoDefinitions.customResourceDefinitions
            if hasArgoCD {
                configuration.customResourceDefinitions.append(try JSONValue(yaml: applicationDefinition))
            }
            configuration.validationRules = KargoDefinitions.validationRules
            let logger = Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
            let cluster = LocalCluster(configuration, logger: logger) { KargoAdmission(api: $0) }
            try await cluster.run { try await use($0, body) }
        }
    }

    private static func use(
        _ access: LocalCluster.Access,
        _ body: @Sendable (LocalKargo) async throws -> Void
    ) async throws {
        let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.controllerKubeconfig])
        try await ClusterConnection.with(configuration) { api in
            let kargo = LocalKargo(api: api)
            try await kargo.addProject()
            try await body(kargo)
        }
    }

    @discardableResult
    func add(_ resource: APIResource, _ text: String) async throws -> JSONValue {
        let object = try JSONValue(yaml: text)
        let namespace = object[path: "metadata", "namespace"]?.stringValue
        return try await api.create(resource, namespace: namespace, object)
    }

    private func addProject() async throws {
        try await add(.projects, "{apiVersion: kargo.akuity.io/v1alpha1, kind: Project, metadata: {name: demo}}")
        try await add(.warehouses, Self.kargo("Warehouse", "w", "spec: {subscriptions: [{image: {repoURL: nginx}}]}"))
        try await add(
            .stages,
            Self.kargo(
                "Stage",
                "test",
                """
                spec:
                  requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}]
                  promotionTemplate: {spec: {steps: [{uses: fail}]}}
                """
            )
        )
    }

    /// Adds Freight and returns its name.
    func addFreight(alias: String) async throws -> String {
        let rest = "alias: \(alias)\norigin: {kind: Warehouse, name: w}\nimages: [{repoURL: nginx, tag: \(alias)}]"
        let freight = try await add(.freights, Self.kargo("Freight", "any", rest))
        return freight[path: "metadata", "name"]?.stringValue ?? ""
    }

    private static func kargo(_ kind: String, _ name: String, _ rest: String) -> String {
        """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: \(kind)
        metadata: {name: \(name), namespace: demo}
        \(rest)
        """
    }

    /// Adds an Application that the Stage may change.
    @discardableResult
    func addApplication(_ name: String, labels: String = "{}", status: String = "{}") async throws -> JSONValue {
        try await add(
            .applications,
            """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata:
              name: \(name)
              namespace: argocd
              labels: \(labels)
              annotations: {kargo.akuity.io/authorized-stage: 'demo:test'}
            spec: {project: default, source: {repoURL: 'https://git/app', targetRevision: main, path: env}}
            status: \(status)
            """
        )
    }
}

extension Tag {
    /// What needs more than this process.
    @Tag static var integration: Self
}
