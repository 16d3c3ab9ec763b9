/// What a shim is told over its socket, a line of JSON each.
enum ShimCommand: Sendable, Hashable, Codable {
    /// Send the state now and whenever it changes.
    case subscribe
    /// End the Pod: ask its containers to end, and kill those that have not within the time.
    case stop(graceSeconds: Int64)
    /// Kill the Pod.
    case kill
}
