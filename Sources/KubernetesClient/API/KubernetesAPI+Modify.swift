public import KargoCore

extension KubernetesAPI {
    /// Changes an object, or its status, depending on how it is.
    ///
    /// The object is read and what has changed in it is written, unless somebody else has written meanwhile; then both
    /// are done again with the fresh object. Nothing is written if nothing has changed.
    ///
    /// - Parameters:
    ///   - resource: The kind.
    ///   - namespace: The namespace; nil for a kind that has none.
    ///   - name: The object.
    ///   - subresource: The part that is written, such as `status`; nil for everything but that.
    ///   - attempts: How often somebody else may be faster.
    ///   - backoff: The pauses after that.
    ///   - change: Changes the object; called once for each attempt.
    /// - Returns: The object as the server has it.
    /// - Throws: ``KubernetesError``, with code `conflict` when somebody else was faster each time; what `change`
    ///   throws.
    public func modify(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String,
        subresource: String? = nil,
        attempts: Int = 5,
        backoff: Backoff = Backoff(first: .milliseconds(10), longest: .seconds(1)),
        _ change: (inout JSONValue) throws -> Void
    ) async throws -> JSONValue {
        var failures = 0
        while true {
            let object = try await get(resource, namespace: namespace, name: name)
            var changed = object
            try change(&changed)
            var difference = object.mergePatch(to: changed)
            if difference == [:] { return object }
            difference[path: "metadata", "resourceVersion"] = object[path: "metadata", "resourceVersion"]
            do {
                return try await patch(
                    resource,
                    namespace: namespace,
                    name: name,
                    subresource: subresource,
                    .merge(difference)
                )
            } catch let error as KubernetesError where error.code == .conflict && failures + 1 < attempts {
                try await backoff.pause(afterFailures: failures)
                failures += 1
            }
        }
    }

    /// Changes the status of an object depending on how it is; see
    /// ``modify(_:namespace:name:subresource:attempts:backoff:_:)``.
    public func modifyStatus(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String,
        _ change: (inout JSONValue) throws -> Void
    ) async throws -> JSONValue {
        try await modify(resource, namespace: namespace, name: name, subresource: "status") { object in
            var status = object["status"] ?? [:]
            try change(&status)
            object["status"] = status
        }
    }
}
