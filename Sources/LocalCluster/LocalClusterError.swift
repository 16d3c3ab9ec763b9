/// Why the local cluster can't start or go on, in one sentence that a user can act on.
public struct LocalClusterError: Error, Hashable, CustomStringConvertible {
    /// The sentence.
    public var description: String

    /// Makes an error.
    public init(_ description: String) {
        self.description = description
    }
}
