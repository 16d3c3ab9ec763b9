import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Tag {
    /// Needs processes.
    @Tag static var integration: Self
}

/// The program whose commands are tested.
enum KargoProgram {
    /// Where it is; nil where it was not built.
    static let path: String? = {
        if let path = ProcessInfo.processInfo.environment["KARGO_EXECUTABLE"] { return path }
        let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        return [tests, URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()]
            .map { $0.appending(path: "kargo").path(percentEncoded: false) }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()
}
