/// Applications of Argo CD, which Kargo keeps as it finds them: their fields are Argo CD's.
public protocol ArgoCDApplications: Sendable {
    /// Where an Application is whose namespace nobody names.
    var defaultNamespace: String { get }

    /// Reads an Application.
    ///
    /// - Returns: The object, or nil if there is none.
    /// - Throws: What keeps it from being read; `CancellationError` when the task was cancelled.
    func application(_ name: String, namespace: String) async throws -> JSONValue?

    /// Reads the Applications of a namespace whose labels match.
    ///
    /// - Parameters:
    ///   - selector: What the labels must be.
    ///   - namespace: The namespace.
    /// - Returns: The objects, by name.
    /// - Throws: What keeps them from being read; `CancellationError` when the task was cancelled.
    func applications(matching selector: LabelSelector, namespace: String) async throws -> [JSONValue]

    /// Changes an Application.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - namespace: Its namespace.
    ///   - patch: A merge patch.
    /// - Returns: What it is then.
    /// - Throws: ``ApplicationConflict`` if the patch has a resource version that is no longer that of the Application;
    ///   else what keeps it from being changed; `CancellationError` when the task was cancelled.
    func patchApplication(_ name: String, namespace: String, _ patch: JSONValue) async throws -> JSONValue

    /// Writes an Event about an Application.
    ///
    /// - Parameter event: The Event, with its name and namespace.
    /// - Throws: What keeps it from being written; `CancellationError` when the task was cancelled.
    func recordEvent(_ event: Event) async throws
}

/// Somebody has changed an Application since it was read.
public struct ApplicationConflict: Error, Hashable {
    /// Makes the error.
    public init() {}
}
