#if os(Linux)
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The processes of the machine, as `/proc` shows them.
enum ProcessTable {
    /// What the kernel tells of a process; nil where there is none of that number.
    static func entry(_ pid: Int32) -> ProcessEntry? {
        do {
            let bytes = try FileSystem.read("/proc/\(pid)/stat", limit: 4096)
            return ProcessEntry(stat: String(decoding: bytes, as: UTF8.self))
        } catch {
            // Gone, or going while it is read.
            return nil
        }
    }

    /// The process of that number, unless it has ended.
    static func identity(_ pid: Int32) -> ProcessIdentity? {
        guard let entry = entry(pid), !entry.hasEnded else { return nil }
        return entry.identity
    }

    /// Whether a process is there and has not ended.
    static func isAlive(_ identity: ProcessIdentity) -> Bool { self.identity(identity.pid) == identity }

    /// All processes.
    static func all() -> [ProcessEntry] {
        FileSystem.entries(of: "/proc").compactMap { name in Int32(name).flatMap(entry) }
    }

    /// The processes that descend from one and have not ended.
    static func descendants(of ancestor: Int32) -> [ProcessEntry] {
        let children = Dictionary(grouping: all(), by: \.parent)
        var found: [ProcessEntry] = []
        var parents = [ancestor]
        while let parent = parents.popLast() {
            for child in children[parent] ?? [] {
                parents.append(child.identity.pid)
                if !child.hasEnded { found.append(child) }
            }
        }
        return found
    }

    /// Kills every process that has a mount whose source contains a path: those of a Pod whose supervisor is gone.
    static func killProcesses(mounting path: String) {
        let mark = Array(path.utf8)
        for process in all() where !process.hasEnded && process.identity.pid != getpid() {
            do {
                let mounts = try FileSystem.read("/proc/\(process.identity.pid)/mountinfo")
                if mounts.firstRange(of: mark) != nil { kill(process.identity.pid, SIGKILL) }
            } catch {
                // Somebody else's process, or one that is gone.
                continue
            }
        }
    }
}
#endif
