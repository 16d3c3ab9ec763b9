#if os(Linux)
import CLinux
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a launcher does: it gives up all files but some, for good, and becomes another program.
public struct ConfinedProgram: Sendable, Hashable {
    /// Why there is no such program.
    public struct Failure: Error, CustomStringConvertible {
        /// What could not be done, and the system's reason.
        public let description: String
    }

    /// Rights, as <linux/landlock.h> numbers them.
    private enum Right {
        static let execute: UInt64 = 1 << 0
        static let writeFile: UInt64 = 1 << 1
        static let readFile: UInt64 = 1 << 2
        static let readDirectory: UInt64 = 1 << 3
        static let makeDevices: UInt64 = 1 << 6 | 1 << 11
        static let truncate: UInt64 = 1 << 14
        static let controlDevice: UInt64 = 1 << 15
        /// Those that make sense for what is not a directory.
        static let ofFiles = execute | writeFile | readFile | truncate | controlDevice

        /// All that the kernel knows.
        static func all(version: Int32) -> UInt64 {
            switch version {
            case 2: 1 << 14 - 1
            case 3, 4: 1 << 15 - 1
            default: 1 << 16 - 1
            }
        }
    }

    private var running: [String] = []
    private var reading: [String] = []
    private var writing: [String] = []
    private var command: [String] = []

    /// Whether the kernel can do it: Linux 5.19 or newer with Landlock.
    public static var isSupported: Bool { version >= 2 }

    private static var version: Int32 {
        #if os(Linux)
        return linux_landlock_version()
        #else
        return 0
        #endif
    }

    /// Reads what is asked for.
    ///
    /// - Parameter arguments: `--run PATH` for what may be read and run, `--read PATH` for what may be read,
    ///   `--write PATH` for what may be read and changed, as often as needed; then `--`, the path of the program and its
    ///   arguments.
    /// - Throws: ``Failure`` if they are something else.
    public init(arguments: some Sequence<String>) throws(Failure) {
        var rest = Array(arguments)[...]
        while let option = rest.popFirst(), option != "--" {
            guard let path = rest.popFirst() else { throw Failure(description: "\(option) needs a path") }
            switch option {
            case "--run": running.append(path)
            case "--read": reading.append(path)
            case "--write": writing.append(path)
            default: throw Failure(description: "\(option) is unknown")
            }
        }
        guard !rest.isEmpty else { throw Failure(description: "no program is given") }
        command = Array(rest)
    }

    /// Becomes the program.
    ///
    /// What is not there can't be touched either, so that is no error.
    ///
    /// - Throws: ``Failure``; this process may then have given up its files.
    public func run() throws(Failure) -> Never {
        #if os(Linux)
        if Self.isSupported { try restrict() }
        #endif
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        execv(command[0], arguments)
        throw Failure(description: "can't run \(command[0]): \(SystemError.latest)")
    }

    #if os(Linux)
    private func restrict() throws(Failure) {
        let all = Right.all(version: Self.version)
        let rules = linux_landlock_create(all)
        guard rules >= 0 else { throw Failure(description: "can't make rules: \(SystemError.latest)") }
        let reads = Right.readFile | Right.readDirectory
        for path in running { try allow(reads | Right.execute, path, all, rules) }
        for path in reading { try allow(reads, path, all, rules) }
        for path in writing { try allow(all & ~(Right.execute | Right.makeDevices), path, all, rules) }
        // Without it the kernel takes rules from root alone; with it no program gets more rights than this one has.
        guard linux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, linux_landlock_restrict(rules) == 0 else {
            throw Failure(description: "can't give up files: \(SystemError.latest)")
        }
        close(rules)
    }

    private func allow(_ rights: UInt64, _ path: String, _ all: UInt64, _ rules: Int32) throws(Failure) {
        // O_PATH, which Swift's Glibc leaves out.
        let file = open(path, 0o10_000_000 | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return }
        let known = status.st_mode & S_IFMT == S_IFDIR ? all : all & Right.ofFiles
        guard linux_landlock_allow(rules, rights & known, file) == 0 else {
            throw Failure(description: "can't keep \(path): \(SystemError.latest)")
        }
    }
    #endif
}
