/// How much of what is read is kept in memory.
enum DocumentLimits {
    /// The largest file that is read as one document, in bytes.
    static let largestFile = 64 << 20
    /// The largest file that is merged with others, each node of which is kept with its comments.
    static let largestMergedFile = 8 << 20
}
