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

/// A directory for what a step needs while it runs.
struct ScratchDirectory: Sendable {
    let path: String

    /// Makes a directory in the step's private one, hands it over and removes it.
    ///
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; what keeps the directory from being made.
    static func with<Result>(
        in privateDirectory: String,
        _ body: (ScratchDirectory) async throws -> Result
    ) async throws -> Result {
        let path = "\(privateDirectory)/scratch-\(UUID().uuidString)"
        for name in ["home", "stage"] {
            try FileManager.default.createDirectory(
                atPath: "\(path)/\(name)",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        // What can't be removed goes with the private directory.
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await body(ScratchDirectory(path: resolved(path)))
    }

    /// The home of programs.
    var home: String { "\(path)/home" }
    /// What programs work on.
    var stage: String { "\(path)/stage" }

    /// What programs need that work on it.
    var reach: ProgramIsolation.Reach { ProgramIsolation.Reach(writing: [path]) }

    /// The path as programs name it that are asked where they are.
    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// What a program says, on one line, with paths as the user knows them.
    func diagnostics(_ outcome: ChildProcess.Outcome, of program: String) -> String {
        var text = outcome.diagnostics
        for prefix in ["\(stage)/tree/", "\(stage)/"] { text = text.replacing(prefix, with: "") }
        let lines = text.split(whereSeparator: \.isNewline)
        return lines.isEmpty ? "\(program) ended with \(outcome.ending)" : lines.joined(separator: "; ")
    }
}
