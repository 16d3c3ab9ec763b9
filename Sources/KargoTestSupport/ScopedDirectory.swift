#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A new directory that is gone when the test is over.
public struct ScopedDirectory: Sendable {
    /// Where it is.
    public let path: String

    /// Makes a directory, hands it to the body and removes it with everything in it.
    public static func with<Result>(_ body: (ScopedDirectory) async throws -> Result) async throws -> Result {
        let path = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/kargo-test-\(UUID())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(ScopedDirectory(path: path)))
        } catch {
            outcome = .failure(error)
        }
        try FileManager.default.removeItem(atPath: path)
        return try outcome.get()
    }

    /// The path of something inside.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a text; directories on the way are made.
    public func write(_ text: String, to name: String) throws {
        let url = URL(filePath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: url)
    }

    /// The text of a file.
    public func read(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: file(name))), as: UTF8.self)
    }

    /// Whether there is something of that name.
    public func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

    /// The names in the directory, in order.
    public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
