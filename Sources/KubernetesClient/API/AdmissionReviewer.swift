public import KargoCore

/// Looks at every write before it is stored, as the admission webhooks of a cluster do.
///
/// A server that runs in the same process calls it directly; on other clusters it stands behind a webhook.
public protocol AdmissionReviewer: Sendable {
    /// Completes and judges a write.
    ///
    /// - Parameter request: The write.
    /// - Returns: The object as it should be stored; for a deletion the answer is ignored.
    /// - Throws: ``KubernetesError`` for a write that must not be; its message goes to the caller.
    func review(_ request: AdmissionRequest) async throws -> JSONValue
}

/// A write that is being judged.
public struct AdmissionRequest: Sendable {
    /// What is done.
    public enum Operation: String, Sendable {
        /// An object is created.
        case create = "CREATE"
        /// An object is changed.
        case update = "UPDATE"
        /// An object is deleted.
        case delete = "DELETE"
    }

    /// What is done.
    public var operation: Operation
    /// The kind.
    public var resource: APIResource
    /// The object as it shall be; of a deletion as it is.
    public var object: JSONValue
    /// The object as it is, of an update.
    public var oldObject: JSONValue?
    /// Who does it.
    public var username: String
    /// Whether nothing will be stored.
    public var isDryRun: Bool

    /// Makes a request.
    public init(
        operation: Operation,
        resource: APIResource,
        object: JSONValue,
        oldObject: JSONValue? = nil,
        username: String,
        isDryRun: Bool = false
    ) {
        self.operation = operation
        self.resource = resource
        self.object = object
        self.oldObject = oldObject
        self.username = username
        self.isDryRun = isDryRun
    }
}
