#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds the programs that are installed together with this one.
struct ExecutableSearch {
    /// The file of this program, links resolved; nil where the system does not say.
    var ownExecutable: String?
    /// Directories with colons between them.
    var path: String

    /// The search of this process.
    static var current: ExecutableSearch {
        ExecutableSearch(ownExecutable: ownFile, path: ProcessInfo.processInfo.environment["PATH"] ?? "")
    }

    /// A program beside this one, else on the path.
    func find(_ name: String) throws(CommandError) -> String {
        let own = ownExecutable.flatMap { file in file.lastIndex(of: "/").map { String(file[..<$0]) } }
        let directories = (own.map { [$0] } ?? []) + path.split(separator: ":").map(String.init)
        for directory in directories {
            let file = "\(directory)/\(name)"
            if FileManager.default.isExecutableFile(atPath: file), !Self.isDirectory(file) { return file }
        }
        throw CommandError(
            "\(name) is neither beside \(ownExecutable ?? "kargo") nor on the PATH; install it in one of those places"
        )
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    private static var ownFile: String? {
        #if os(Linux)
        let path = "/proc/self/exe"
        #else
        var size: UInt32 = 4096
        var buffer = [CChar](repeating: 0, count: Int(size))
        guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
        let path = String(cString: buffer)
        #endif
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
