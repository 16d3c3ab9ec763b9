import Foundation
import KargoControllers
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
    ///
    /// - Throws: A variable of ``LogSettings`` that can't be understood.
    static func makeLogger(_ label: String) throws -> Logger {
        let settings = try LogSettings(environment: ProcessInfo.processInfo.environment)
        var logger = Logger(label: label) { label -> any LogHandler in
            if settings.isJSON { JSONLogHandler(label: label) } else { StreamLogHandler.standardError(label: label) }
        }
        logger.logLevel = settings.level
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

    /// Does something until it is done, or the process is to end, which is told and cancels it.
    func untilEnd(
        onEnd: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await waitForEnd()
                onEnd()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Ends the process after a time, as a failure, whatever it is doing then.
    static func end(within limit: Duration) {
        // A thread, which turns also where no task does.
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: limit / .seconds(1))
            _exit(EXIT_FAILURE)
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
