#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a path leads to, links not followed.
enum FileKind: Sendable, Hashable {
    /// A directory with its permissions.
    case directory(mode: UInt32)
    /// A symbolic link with its text.
    case link(target: String)
    /// A file, device, socket or pipe.
    case other
}

/// Files, where permissions, links and errors have to be the operating system's own.
enum FileSystem {
    /// What a path leads to; nil where nothing can be seen.
    static func kind(of path: String) -> FileKind? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory(mode: UInt32(status.st_mode & 0o7777))
        case S_IFLNK: return target(ofLink: path).map { .link(target: $0) }
        default: return .other
        }
    }

    /// The text of a symbolic link; nil where there is none.
    static func target(ofLink path: String) -> String? {
        var text = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(path, &text, text.count)
        return length < 0 ? nil : String(decoding: text[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Whether a path leads to anything, links followed.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a path leads to a directory, links followed.
    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a path leads to a file that may be executed, links followed.
    static func isExecutable(_ path: String) -> Bool { !isDirectory(path) && access(path, X_OK) == 0 }

    /// The path without links, `.` and `..`.
    static func realPath(_ path: String) throws(SystemError) -> String {
        guard let result = realpath(path, nil) else { throw SystemError(code: errno, action: "find \(path)") }
        defer { free(result) }
        return String(cString: result)
    }

    /// The names in a directory, in order; none where it can't be read.
    static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The content of a file, or its first so many bytes.
    static func read(_ path: String, limit: Int = .max) throws(SystemError) -> [UInt8] {
        try Descriptor(open: path, O_RDONLY).readAll(limit: limit)
    }

    /// Writes a file in one step: readers see the old content or the new.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600) throws(SystemError) {
        let next = path + ".new"
        let file = try Descriptor(open: next, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try SystemError.check("set the permissions of \(next)") { fchmod(file.number, mode) }
        try file.write(bytes)
        try SystemError.check("rename \(next)") { rename(next, path) }
    }

    /// Makes a directory with exactly these permissions, and those on the way to it with 0755; one that is there stays
    /// as it is.
    static func makeDirectory(_ path: String, mode: mode_t = 0o755) throws(SystemError) {
        if isDirectory(path) { return }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeDirectory(String(path[..<slash])) }
        if mkdir(path, mode) != 0 {
            guard errno == EEXIST else { throw SystemError(code: errno, action: "make the directory \(path)") }
            return
        }
        try SystemError.check("set the permissions of \(path)") { chmod(path, mode) }
    }

    /// Removes a file, or a directory with everything in it, also where permissions were taken away; nothing is
    /// fine too.
    static func remove(_ path: String) throws(SystemError) {
        switch kind(of: path) {
        case nil: return
        case .link, .other:
            try SystemError.check("remove \(path)") { unlink(path) }
        case .directory(let mode):
            if mode & 0o700 != 0o700 {
                try SystemError.check("set the permissions of \(path)") { chmod(path, 0o700) }
            }
            for name in entries(of: path) { try remove("\(path)/\(name)") }
            try SystemError.check("remove \(path)") { rmdir(path) }
        }
    }
}
