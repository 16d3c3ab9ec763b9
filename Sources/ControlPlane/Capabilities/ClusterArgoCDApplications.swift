public import KargoCore
public import KubernetesClient

/// The Applications of a cluster that Argo CD runs in.
///
/// A server that can't be reached, is too busy or does not serve the kind yet is asked to read again, for a minute at
/// most: the kind is served late where Argo CD is just being installed.
public struct ClusterArgoCDApplications: ArgoCDApplications {
    private static let mostRetries = 6

    /// `ARGOCD_NAMESPACE`.
    public let defaultNamespace: String
    private let api: any KubernetesAPI
    private let patience: Backoff?

    /// Makes access to Applications.
    ///
    /// - Parameters:
    ///   - api: The cluster, which need not be that of Kargo.
    ///   - defaultNamespace: Where an Application is whose namespace nobody names.
    ///   - patience: The pauses before the server is asked again; nil to fail at once.
    public init(
        api: any KubernetesAPI,
        defaultNamespace: String,
        patience: Backoff? = Backoff(first: .seconds(1), longest: .seconds(32))
    ) {
        self.api = api
        self.defaultNamespace = defaultNamespace
        self.patience = patience
    }

    /// Reads an Application.
    public func application(_ name: String, namespace: String) async throws -> JSONValue? {
        guard name.isObjectName, namespace.isObjectName else { return nil }
        do {
            return try await reading { try await api.get(.applications, namespace: namespace, name: name) }
        } catch let error as KubernetesError where error.code == .notFound {
            // Nothing in the answer tells a missing object from a missing kind on every server.
            return try await list(ListOptions(fieldSelector: "metadata.name=\(name)"), namespace).first
        }
    }

    /// Reads the Applications of a namespace whose labels match.
    public func applications(matching selector: LabelSelector, namespace: String) async throws -> [JSONValue] {
        guard namespace.isObjectName else { return [] }
        return try await list(ListOptions(labelSelector: selector.text()), namespace)
            .sorted { Self.name($0) < Self.name($1) }
    }

    /// Changes an Application.
    public func patchApplication(_ name: String, namespace: String, _ patch: JSONValue) async throws -> JSONValue {
        do {
            return try await api.patch(.applications, namespace: namespace, name: name, .merge(patch))
        } catch let error as KubernetesError where error.code == .conflict {
            throw ApplicationConflict()
        }
    }

    /// Writes an Event about an Application.
    public func recordEvent(_ event: Event) async throws {
        let object = try JSONValueEncoder().encode(event)
        _ = try await api.create(.events, namespace: event.metadata.namespace, object)
    }

    private func list(_ options: ListOptions, _ namespace: String) async throws -> [JSONValue] {
        try await reading {
            do {
                return try await api.list(.applications, namespace: namespace, options: options).items
            } catch let error as KubernetesError where error.code == .notFound {
                throw KubernetesError(.serverError, "the cluster has no kind Application; is Argo CD installed in it?")
            }
        }
    }

    private func reading<Answer>(_ request: () async throws -> Answer) async throws -> Answer {
        guard let patience else { return try await request() }
        return try await patience.retrying(atMost: Self.mostRetries, request)
    }

    private static func name(_ object: JSONValue) -> String { object[path: "metadata", "name"]?.stringValue ?? "" }
}

/// Where the operator wants nothing to do with Argo CD.
public struct DisabledArgoCDApplications: ArgoCDApplications {
    private struct Disabled: Error, CustomStringConvertible {
        let description = "the integration of Argo CD is disabled in this controller (ARGOCD_INTEGRATION_ENABLED)"
    }

    /// `argocd`, whatever it is.
    public let defaultNamespace = "argocd"

    /// Makes access to nothing.
    public init() {}

    /// Fails.
    public func application(_ name: String, namespace: String) async throws -> JSONValue? { throw Disabled() }

    /// Fails.
    public func applications(matching selector: LabelSelector, namespace: String) async throws -> [JSONValue] {
        throw Disabled()
    }

    /// Fails.
    public func patchApplication(_ name: String, namespace: String, _ patch: JSONValue) async throws -> JSONValue {
        throw Disabled()
    }

    /// Fails.
    public func recordEvent(_ event: Event) async throws { throw Disabled() }
}
