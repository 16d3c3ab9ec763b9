/// How large archives may be.
enum ArchiveLimits {
    /// The largest file in one, in bytes.
    static let largestFile: Int64 = 50 << 20
    /// All files together.
    static let largestContent: Int64 = 100 << 20
    /// How many entries there may be.
    static let maximumEntries = 200_000
    /// How much is read of one in search of what to take out.
    static let largestArchive: Int64 = 1 << 30
}
