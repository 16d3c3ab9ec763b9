/// Objects of Kargo that steps read and write.
public protocol ControlPlaneAccess: Sendable {
    /// Reads a Warehouse.
    ///
    /// - Returns: The Warehouse, or nil if there is none.
    /// - Throws: What keeps it from being read; `CancellationError` when the task was cancelled.
    func warehouse(_ name: String, project: String) async throws -> Warehouse?

    /// Adds to the metadata of a Stage or Freight, in its status.
    ///
    /// - Parameters:
    ///   - values: The values by their keys; what other keys hold stays.
    ///   - target: Whose metadata it is.
    ///   - project: The Project.
    /// - Throws: ``ControlPlaneFailure``; `CancellationError` when the task was cancelled.
    func setMetadata(_ values: [String: JSONValue], of target: MetadataTarget, project: String) async throws

    /// Gives Freight another alias.
    ///
    /// - Parameters:
    ///   - alias: The alias.
    ///   - freight: The name of the Freight.
    ///   - project: The Project.
    /// - Returns: The alias that it had.
    /// - Throws: ``ControlPlaneFailure``; `CancellationError` when the task was cancelled.
    func setFreightAlias(_ alias: String, of freight: String, project: String) async throws -> String

    /// Writes an Event; one of the same name is left as it is.
    ///
    /// - Parameter event: The Event, with its name and namespace.
    /// - Throws: ``ControlPlaneFailure``; `CancellationError` when the task was cancelled.
    func recordEvent(_ event: Event) async throws
}

/// What has metadata that steps may add to.
public enum MetadataTarget: Sendable, Hashable {
    /// The Stage of a name.
    case stage(String)
    /// The Freight of a name.
    case freight(String)
}

/// What the cluster did not do.
public struct ControlPlaneFailure: Error, Hashable, CustomStringConvertible {
    /// Why not.
    public let description: String

    /// Makes the error.
    public init(_ description: String) { self.description = description }
}
