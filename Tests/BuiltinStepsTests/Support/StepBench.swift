import BuiltinSteps
import KargoCore
import KargoTestSupport

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A work directory with what runs steps in it.
struct StepBench: Sendable {
    let outside: ScopedDirectory

    /// The work directory, which is inside of something that steps must not touch.
    var directory: String { outside.file("work") }

    static func with(_ body: (StepBench) async throws -> Void) async throws {
        try await ScopedDirectory.with { outside in
            let bench = StepBench(outside: outside)
            try FileManager.default.createDirectory(atPath: bench.directory, withIntermediateDirectories: false)
            try await body(bench)
        }
    }

    func run(
        _ kind: String,
        _ config: JSONValue,
        capabilities: StepCapabilities = StepCapabilities(),
        environment: [String: String] = [:],
        _ change: (inout StepContext) -> Void = { _ in }
    ) async throws -> StepResult {
        var context = context(kind, config)
        change(&context)
        return try await BuiltinStepKinds.withRegistry(capabilities: capabilities, environment: environment) {
            registry in
            guard let runner = registry.runner(kind) else { throw MissingKind() }
            return try await runner.run(context)
        }
    }

    func context(_ kind: String, _ config: JSONValue) -> StepContext {
        StepContext(
            kind: kind,
            alias: "step",
            config: config,
            workDir: directory,
            privateDir: outside.file("private"),
            sharedState: [:],
            promotion: PromotionContext()
        )
    }

    struct MissingKind: Error {}

    // MARK: Files

    func write(_ text: String, to name: String) throws { try outside.write(text, to: "work/\(name)") }

    func read(_ name: String) throws -> String { try outside.read("work/\(name)") }

    func contains(_ name: String) -> Bool { outside.contains("work/\(name)") }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    func makeDirectory(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    func setMode(_ mode: Int, of name: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path(name))
    }

    func mode(_ name: String) throws -> UInt32 {
        var result = stat()
        guard lstat(path(name), &result) == 0 else { throw MissingFile() }
        return UInt32(result.st_mode) & 0o7777
    }

    /// What the umask of this process leaves of a mode.
    func modeUnderUmask(_ mode: UInt32) throws -> UInt32 {
        let descriptor = open(outside.file("umask-\(mode)"), O_WRONLY | O_CREAT, mode_t(mode))
        guard descriptor >= 0 else { throw MissingFile() }
        var result = stat()
        fstat(descriptor, &result)
        close(descriptor)
        return UInt32(result.st_mode) & 0o7777
    }

    struct MissingFile: Error {}

    /// What is in the work directory, as paths in order.
    func tree() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    }

    /// What is in the step's private directory.
    func leftInPrivate() throws -> [String] {
        guard outside.contains("private") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: outside.file("private"))
    }
}
