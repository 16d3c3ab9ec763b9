/// How much of what is read is kept in memory.
enum DocumentLimits {
    /// The largest file that is read as one document, in bytes.
    static let largestFile = 64 << 20
}
