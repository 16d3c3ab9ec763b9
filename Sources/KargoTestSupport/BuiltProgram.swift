#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Programs of the package whose tests run, for tests that run them.
public enum BuiltProgram {
    /// Finds a program.
    ///
    /// - Parameter name: Its name, such as `kargo-controller`, in whose place `KARGO_CONTROLLER_EXECUTABLE` may name
    ///   another one.
    /// - Returns: The path; nil where it was not built.
    public static func path(_ name: String) -> String? {
        let variable = name.uppercased().replacing("-", with: "_") + "_EXECUTABLE"
        if let path = ProcessInfo.processInfo.environment[variable] { return path }
        return [CommandLine.arguments[0], "/proc/self/exe"]
            .map { URL(filePath: $0).resolvingSymlinksInPath().deletingLastPathComponent() }
            .map { $0.appending(path: name).path(percentEncoded: false) }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
