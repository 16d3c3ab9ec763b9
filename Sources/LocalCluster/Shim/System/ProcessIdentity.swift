/// A process, told apart from a later one of the same number by the time it was started.
struct ProcessIdentity: Sendable, Hashable, Codable {
    /// The number.
    var pid: Int32
    /// When it was started, in the kernel's ticks since the machine was.
    var startTime: UInt64
}

/// What the kernel tells of a process.
struct ProcessEntry: Sendable, Hashable {
    /// Which process.
    var identity: ProcessIdentity
    /// The process that it is a child of.
    var parent: Int32
    /// The session it is in, by the number of the process that began it.
    var session: Int32
    /// Whether it has ended and only waits to be collected.
    var hasEnded: Bool

    /// Reads a line of `/proc/PID/stat`; nil where it is none.
    init?(stat: String) {
        // The name in parentheses may hold anything, parentheses and spaces included.
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close,
            let pid = Int32(stat[..<open].trimmingSpaces)
        else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        // Counted from the third field, the state: proc(5).
        guard fields.count > 19, let parent = Int32(fields[1]), let session = Int32(fields[3]),
            let startTime = UInt64(fields[19])
        else { return nil }
        identity = ProcessIdentity(pid: pid, startTime: startTime)
        self.parent = parent
        self.session = session
        hasEnded = fields[0] == "Z" || fields[0] == "X"
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        drop { $0 == " " }.prefix { $0 != " " }
    }
}
