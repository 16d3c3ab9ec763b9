import Subprocess
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that runs to its end.
///
/// ## Guarantees
/// It runs in a session of its own, without a terminal, with exactly the variables it is given and no open files but
/// its standard ones. When the task is cancelled, it and all processes it has started (save those that have left its
/// process group) are asked to end and after ``patience`` killed. None is left over when it has ended by itself.
struct ChildProcess: Sendable {
    /// How a program has ended.
    enum Ending: Sendable, Hashable, CustomStringConvertible {
        case exit(Int32)
        case signal(Int32)

        /// As it reads after "ended with".
        var description: String {
            switch self {
            case .exit(let code): "exit code \(code)"
            case .signal(let number): "signal \(number)"
            }
        }
    }

    struct Outcome: Sendable, Hashable {
        var ending: Ending
        /// What the program has written to its standard output.
        var output: [UInt8]
        /// The end of what it has written to its standard error.
        var diagnostics: String

        var isSuccess: Bool { ending == .exit(0) }
    }

    /// How long a program has for tidying up after it was asked to end.
    static let patience = Duration.milliseconds(400)
    /// How much of the standard error is kept, in bytes.
    static let longestDiagnostics = 1 << 14

    /// The file of the program, as an absolute path.
    var program: String
    var arguments: [String]
    var environment: [String: String]
    /// The directory in which it runs.
    var directory: String
    /// What it reads from its standard input.
    var input: [UInt8] = []
    /// How much it may write to its standard output, in bytes.
    var outputLimit = 1 << 20

    /// Runs the program.
    ///
    /// - Returns: How it has ended.
    /// - Throws: ``ProcessFailure`` if it can't be started or writes too much; `CancellationError`.
    func run() async throws -> Outcome {
        try Task.checkCancellation()
        if ([program, directory] + arguments).contains(where: { $0.utf8.contains(0) }) {
            throw ProcessFailure(.notStarted, "can't run \(name): an argument contains a zero byte")
        }
        let group = Atomic<Int32>(0)
        defer {
            // While a process of the group lives its number is nobody else's, and else not for a while.
            let number = group.load(ordering: .relaxed)
            if number > 0 { kill(-number, SIGKILL) }
        }
        do {
            let outcome = try await run(noting: group)
            try Task.checkCancellation()
            return outcome
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw ProcessFailure(.notStarted, "can't run \(name): \(error)")
        } catch let error as ProcessFailure {
            try Task.checkCancellation()
            throw error
        }
    }

    private var name: String { program.split(separator: "/").last.map(String.init) ?? program }

    private func run(noting group: borrowing Atomic<Int32>) async throws -> Outcome {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: Self.patience)]
        let configuration = Configuration(
            executable: .path(systemPath(program)),
            arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
            ),
            workingDirectory: systemPath(directory),
            platformOptions: options
        )
        let result = try await Subprocess.run(
            configuration,
            // Of a program that does not read it all, `.array` would end this process.
            input: .inputWriter,
            output: .sequence,
            error: .sequence
        ) { execution in
            group.store(execution.processIdentifier.value, ordering: .relaxed)
            async let written: Void = Self.write(input, to: execution.standardInputWriter)
            async let diagnostics = Self.end(of: execution.standardError)
            do {
                let output = try await self.all(of: execution.standardOutput)
                await written
                return (output, try await diagnostics)
            } catch {
                // Or the other stream would be read until the program ends.
                try? execution.send(signal: .kill, toProcessGroup: true)
                throw error
            }
        }
        let ending: Ending =
            switch result.terminationStatus {
            case .exited(let code): .exit(code)
            case .signaled(let signal): .signal(signal)
            }
        return Outcome(ending: ending, output: result.closureResult.0, diagnostics: result.closureResult.1)
    }

    /// Or this process would end with a program that does not read its input; programs get the default back.
    private static let ignoresBrokenPipes: Void = { signal(SIGPIPE, SIG_IGN) }()

    /// Writes as much as the program reads.
    private static func write(_ input: [UInt8], to writer: StandardInputWriter) async {
        Self.ignoresBrokenPipes
        if !input.isEmpty { _ = try? await writer.write(input) }
        try? await writer.finish()
    }

    private func all(of stream: SubprocessOutputSequence) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in stream {
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count > outputLimit {
                throw ProcessFailure(.tooLarge, "\(name) writes more than \(outputLimit) bytes")
            }
        }
        return bytes
    }

    private static func end(of stream: SubprocessOutputSequence) async throws -> String {
        var bytes: [UInt8] = []
        for try await buffer in stream {
            buffer.withUnsafeBytes { bytes.append(contentsOf: $0) }
            if bytes.count > 2 * longestDiagnostics { bytes.removeFirst(bytes.count - longestDiagnostics) }
        }
        return String(decoding: bytes.suffix(longestDiagnostics), as: UTF8.self)
    }
}

/// A path of the module that Subprocess takes its paths from, which goes by another name on each platform.
private func systemPath<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
where Path.StringLiteralType == String { Path(stringLiteral: text) }
