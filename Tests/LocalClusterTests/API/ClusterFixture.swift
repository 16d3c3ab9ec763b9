import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import Logging

/// A cluster without a node, over HTTPS, for the time of a test.
struct ClusterFixture: Sendable {
    let api: ClusterConnection
    let access: LocalCluster.Access
    let directory: ScopedDirectory

    static let widgets = APIResource(group: "example.com", version: "v1", plural: "widgets", kind: "Widget")
    static let configMaps = APIResource.configMaps

    /// A custom kind with all that a schema can say.
    static let crd = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns:
            - {name: Size, type: integer, jsonPath: .spec.size}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            schema:
              openAPIV3Schema:
                type: object
                required: [spec]
                properties:
                  spec:
                    type: object
                    required: [color]
                    x-kubernetes-validations: [{rule: self.size < self.limit, message: too big}]
                    properties:
                      color: {type: string, enum: [red, green]}
                      size: {type: integer, minimum: 1, default: 3}
                      limit: {type: integer}
                      name: {type: string, pattern: '^[a-z]+$', minLength: 2, maxLength: 5}
                      tags: {type: array, maxItems: 2, items: {type: string}, x-kubernetes-list-type: set}
                      parts:
                        type: array
                        x-kubernetes-list-type: map
                        x-kubernetes-list-map-keys: [id]
                        items: {type: object, required: [id], properties: {id: {type: string}, num: {type: integer, default: 1}}}
                      free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      labels: {type: object, additionalProperties: {type: string}}
                      when: {type: string, format: date-time}
                  status:
                    type: object
                    x-kubernetes-preserve-unknown-fields: true
        """

    static let rules: ValidationRules = [
        "self.size < self.limit": { value, _ in
            guard let limit = value["limit"]?.intValue, let size = value["size"]?.intValue else { return true }
            return size < limit
        }
    ]

    static func with<Result: Sendable>(
        limits: RequestLimits = RequestLimits(),
        reviewer: @escaping @Sendable (any KubernetesAPI) -> (any AdmissionReviewer)? = { _ in nil },
        _ body: @escaping @Sendable (ClusterFixture) async throws -> Result
    ) async throws -> Result {
        try await ScopedDirectory.with { directory in
            try await running(in: directory, limits: limits, reviewer: reviewer, body)
        }
    }

    /// Runs a cluster of a directory that may have been used before.
    static func running<Result: Sendable>(
        in directory: ScopedDirectory,
        limits: RequestLimits = RequestLimits(),
        reviewer: @escaping @Sendable (any KubernetesAPI) -> (any AdmissionReviewer)? = { _ in nil },
        _ body: @escaping @Sendable (ClusterFixture) async throws -> Result
    ) async throws -> Result {
        var configuration = LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none)
        configuration.customResourceDefinitions = [try JSONValue(yaml: crd)]
        configuration.validationRules = rules
        configuration.limits = limits
        let cluster = LocalCluster(
            configuration,
            logger: Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() },
            makeReviewer: reviewer
        )
        return try await cluster.run { access in
            let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.kubeconfig])
            return try await ClusterConnection.with(configuration) { api in
                try await body(ClusterFixture(api: api, access: access, directory: directory))
            }
        }
    }

    func widget(_ name: String, _ spec: JSONValue = ["color": "red"]) -> JSONValue {
        ["apiVersion": "example.com/v1", "kind": "Widget", "metadata": ["name": .string(name)], "spec": spec]
    }

    func configMap(_ name: String, _ data: JSONValue = [:], labels: JSONValue = [:]) -> JSONValue {
        ["metadata": ["name": .string(name), "labels": labels], "data": data]
    }
}

/// The code of the error that a body throws.
func failure(_ body: () async throws -> Void) async -> KubernetesError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? KubernetesError
    }
}
