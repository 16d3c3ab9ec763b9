import KargoCore
import Subprocess
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension ExecPlugin {
    /// How much a plugin may write to its standard output, in bytes.
    private static let longestOutput = 1 << 20
    /// How much a plugin may write to its standard error where nobody reads along, in bytes.
    private static let longestDiagnostics = 1 << 16

    /// How a program has ended and what it wrote.
    private struct Outcome: Sendable {
        var status: TerminationStatus
        var output: [UInt8]
        /// Empty if it went to the terminal.
        var diagnostics: String
    }

    /// Starts the program and reads what it hands out.
    ///
    /// Where standard input is a terminal, and the plugin may have it, the plugin talks to the person there;
    /// otherwise it runs in a session of its own and is killed with all that it started when it takes too long.
    ///
    /// - Parameters:
    ///   - terminal: Whether there is a person at standard input and standard error.
    ///   - patience: How long it may take.
    ///   - clock: What that is measured with.
    /// - Returns: What it has printed.
    /// - Throws: ``KubernetesError`` with code `configuration` that names the user and what the program did;
    ///   `CancellationError`.
    func run(
        terminal: Bool = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
        patience: Duration? = nil,
        clock: any Clock<Duration> = .continuous
    ) async throws -> ExecCredential {
        let isInteractive = terminal && interactiveMode != .never
        if interactiveMode == .always, !isInteractive {
            throw failure("needs a terminal (interactiveMode is Always), and standard input is none")
        }
        guard let program = findProgram() else {
            let hint = installHint.isEmpty ? "" : "\n\(installHint)"
            throw failure("is not there, or is no program\(hint)")
        }
        let limit = patience ?? (isInteractive ? .seconds(300) : .seconds(60))
        let outcome = try await race(against: limit, clock) {
            try await start(program, isInteractive: isInteractive)
        }
        if outcome.status != .exited(0) {
            let ending =
                switch outcome.status {
                case .exited(let code): "exit code \(code)"
                case .signaled(let number): "signal \(number)"
                }
            let last = outcome.diagnostics.split(separator: "\n").last.map { ": \($0)" } ?? ""
            throw failure("failed with \(ending)\(last)")
        }
        do {
            return try ExecCredential(outcome.output, apiVersion: apiVersion)
        } catch {
            throw failure("can't be used: \(error)")
        }
    }

    private func race(
        against limit: Duration,
        _ clock: any Clock<Duration>,
        _ body: @escaping @Sendable () async throws -> Outcome
    ) async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            do {
                guard let outcome = try await group.next() ?? nil else {
                    throw failure("did not end within \(limit.components.seconds) s")
                }
                return outcome
            } catch let error as SubprocessError {
                throw failure("can't be run: \(error)")
            }
        }
    }

    private func start(_ program: String, isInteractive: Bool) async throws -> Outcome {
        var variables = environment
        variables["KUBERNETES_EXEC_INFO"] = input(isInteractive: isInteractive).text()
        var options = PlatformOptions()
        options.createSession = !isInteractive
        let configuration = Configuration(
            executable: .path(systemPath(program)),
            arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
            ),
            platformOptions: options
        )
        if isInteractive {
            let result = try await Subprocess.run(
                configuration,
                input: .currentStandardInput,
                output: .bytes(limit: Self.longestOutput),
                error: .currentStandardError
            )
            return Outcome(status: result.terminationStatus, output: result.standardOutput, diagnostics: "")
        }
        let session = Session()
        return try await withTaskCancellationHandler {
            let result = try await Subprocess.run(
                configuration,
                input: .none,
                output: .bytes(limit: Self.longestOutput),
                error: .string(limit: Self.longestDiagnostics)
            ) { execution in session.begin(execution.processIdentifier.value) }
            return Outcome(
                status: result.terminationStatus,
                output: result.standardOutput,
                diagnostics: result.standardError
            )
        } onCancel: {
            session.end()
        }
    }

    /// The file of the program: a path, or the first of `PATH` that can be run.
    private func findProgram() -> String? {
        if command.contains("/") { return access(command, X_OK) == 0 ? command : nil }
        return (environment["PATH"] ?? "").split(separator: ":").lazy.map { "\($0)/\(command)" }
            .first { access($0, X_OK) == 0 }
    }

    private func failure(_ reason: String) -> KubernetesError {
        KubernetesError(.configuration, "\(source): the credential plugin \"\(command)\" \(reason)")
    }
}

/// The processes of a plugin, which end together; one that outlives the plugin would keep its output open.
private final class Session: Sendable {
    private enum State {
        case idle
        case running(pid_t)
        case ended
    }

    private let state = Mutex(State.idle)

    func begin(_ leader: pid_t) {
        let isLate = state.withLock { state in
            if case .ended = state { return true }
            state = .running(leader)
            return false
        }
        if isLate { kill(-leader, SIGKILL) }
    }

    func end() {
        let leader = state.withLock { state -> pid_t? in
            defer { state = .ended }
            if case .running(let leader) = state { return leader }
            return nil
        }
        if let leader { kill(-leader, SIGKILL) }
    }
}

/// A path of the module that Subprocess takes its paths from, which goes by another name on each platform.
private func systemPath<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
where Path.StringLiteralType == String { Path(stringLiteral: text) }
