import Dispatch
import KargoTestSupport

@testable import BuiltinSteps

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A named pipe, by which processes tell that they have begun, and by closing it that they have all ended.
struct Pipe: Sendable {
    let path: String

    init(in directory: ScopedDirectory) throws {
        path = directory.file("pipe")
        try SystemError.check { mkfifo(path, 0o600) }
    }

    /// Waits for a process that opens the pipe, reads what it writes first, and hands over a way to await the end.
    func read<Result>(
        _ body: (_ first: String, _ end: () async throws -> Void) async throws -> Result
    ) async throws
        -> Result
    {
        let file = try await Self.waiting {
            Descriptor(owning: try SystemError.check { open(path, O_RDONLY | O_CLOEXEC) })
        }
        let first = try await Self.waiting { try Self.next(file) }
        return try await body(first) {
            try await Self.waiting { while try !Self.next(file).isEmpty {} }
        }
    }

    /// Waits on a thread of its own: those that steps block are few, and the process may need one to begin.
    private static func waiting<Result: Sendable>(
        for work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "pipe").async { continuation.resume(with: Swift.Result(catching: work)) }
        }
    }

    private static func next(_ file: Descriptor) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try file.readNext(into: &buffer)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
