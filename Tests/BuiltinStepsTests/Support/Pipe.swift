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
        let file = try await Cancellation.blocking { _ in
            Descriptor(owning: try SystemError.check { open(path, O_RDONLY | O_CLOEXEC) })
        }
        let first = try await Cancellation.blocking { _ in try Self.next(file) }
        return try await body(first) {
            try await Cancellation.blocking { _ in while try !Self.next(file).isEmpty {} }
        }
    }

    private static func next(_ file: Descriptor) throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try file.readNext(into: &buffer)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
