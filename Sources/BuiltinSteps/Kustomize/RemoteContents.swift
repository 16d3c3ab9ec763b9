/// What was fetched of what kustomizations refer to.
struct RemoteContents: Sendable {
    enum Content: Sendable {
        /// A file, with the names that tell it from others.
        case file(name: [String], content: [UInt8])
        /// A directory in a clone.
        case directory(clone: Int, path: String)
    }

    /// The directories of clones.
    var clones: [String] = []
    /// The contents by references as they are written.
    var contents: [String: Content] = [:]
}
