import KargoCore
import KubernetesClient

/// Writes the status of objects as the difference to what is stored.
struct StatusWriter: Sendable {
    let api: any KubernetesAPI
    private let backoff: Backoff

    init(api: any KubernetesAPI, clock: any Clock<Duration> = .continuous) {
        self.api = api
        backoff = Backoff(first: .milliseconds(100), longest: .seconds(10), clock: clock)
    }

    /// Writes what has changed in a status; nothing if nothing has.
    ///
    /// A server that can't be reached, or has no time, is asked again until it takes the write or the task is
    /// cancelled: what has happened must not be lost.
    ///
    /// - Parameters:
    ///   - object: The object as it is known.
    ///   - resource: Its resource.
    ///   - old: Its status.
    ///   - new: Its new status.
    ///   - ifUnchanged: Whether it is written only if the object is stored as it is known.
    /// - Returns: The object as it is stored now, without `metadata.managedFields`; nil if nothing was written.
    /// - Throws: `KubernetesError`, with code `conflict` only for an object that has changed and must not have.
    func write<Object: KubernetesObject, Status: Encodable>(
        _ object: Object,
        _ resource: APIResource,
        from old: Status,
        to new: Status,
        ifUnchanged: Bool = false
    ) async throws -> Object? {
        let encoder = JSONValueEncoder()
        let status = try encoder.encode(old).mergePatch(to: encoder.encode(new))
        guard status != [:] else { return nil }
        var patch: JSONValue = ["status": status]
        if ifUnchanged { patch["metadata"] = ["resourceVersion": .string(object.metadata.resourceVersion)] }
        return try await send(object, resource, subresource: "status", patch)
    }

    /// Writes a change of an object; see ``write(_:_:from:to:)``.
    func send<Object: KubernetesObject>(
        _ object: Object,
        _ resource: APIResource,
        subresource: String? = nil,
        _ patch: JSONValue
    ) async throws -> Object {
        let namespace = resource.isNamespaced ? object.metadata.namespace : nil
        var failures = 0
        while true {
            do {
                let value = try await api.patch(
                    resource,
                    namespace: namespace,
                    name: object.metadata.name,
                    subresource: subresource,
                    .merge(patch),
                    keeping: .withoutManagers
                )
                return try JSONValueDecoder().decode(Object.self, from: value)
            } catch let error as KubernetesError where error.isTransient {
                // Trying again does not bring back what has changed.
                if error.code == .conflict, patch["metadata"]?["resourceVersion"] != nil { throw error }
                try await backoff.pause(afterFailures: failures, of: error)
                failures += 1
            }
        }
    }
}
