import Foundation
import KargoCore
import Logging
import UnixSignals

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How a process of a local installation begins and ends.
struct ProcessLife: Sendable {
    /// Whether the end of standard input is the end of the process.
    let endsWithInput: Bool

    /// Where everything is told; standard output is for the line that says the process is ready.
    static func makeLogger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        let level = ProcessInfo.processInfo.environment["LOG_LEVEL"] ?? ""
        logger.logLevel = Logger.Level(rawValue: level.lowercased()) ?? .info
        return logger
    }

    /// Returns when the process is to end.
    func waitForEnd() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break } }
            if endsWithInput { group.addTask { for await _ in Self.endOfInput() {} } }
            defer { group.cancelAll() }
            try await group.next()
        }
        try Task.checkCancellation()
    }

    /// Does something until it is done, or the process is to end, which cancels it.
    func untilEnd(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { try await waitForEnd() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Says on standard output, in one line of JSON, that the process is ready.
    static func announce(_ running: LocalInstallation.Running) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let line = try encoder.encode(running) + [UInt8(ascii: "\n")]
        // Nobody may be there to read it.
        _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    private static func endOfInput() -> AsyncStream<Never> {
        AsyncStream { continuation in
            // A read can't be interrupted; the thread ends with the process.
            Thread.detachNewThread {
                var byte: UInt8 = 0
                while true {
                    let count = read(STDIN_FILENO, &byte, 1)
                    if count == 0 || (count < 0 && errno != EINTR) { break }
                }
                continuation.finish()
            }
        }
    }
}
