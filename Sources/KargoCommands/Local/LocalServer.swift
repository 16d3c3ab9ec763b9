import KargoCore

/// One of the processes of a local cluster, as this one starts it.
struct LocalServer: Sendable {
    /// Whether a process outlives this one.
    enum Life: Sendable {
        /// It does.
        case detached
        /// It ends when this one does, however that happens.
        case bound
    }

    /// How long a process may take until it is ready.
    private static let patience = Duration.seconds(120)

    let part: LocalInstallation.Part
    let process: ChildProcess
    private let installation: LocalInstallation
    private let output: FileDescriptor
    /// Held open as long as the process is to run; nil for a detached one.
    private let leash: FileDescriptor?

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - part: Which of the two.
    ///   - installation: The directory that it works on.
    ///   - executable: The file of `kargo-controller`.
    ///   - life: How long it lives.
    ///   - environment: The environment of this process.
    ///   - runtime: What runs the containers of Pods; nil for what is the default.
    /// - Throws: ``CommandError``.
    init(
        _ part: LocalInstallation.Part,
        of installation: LocalInstallation,
        executable: String,
        life: Life,
        environment: [String: String],
        runtime: String? = nil
    ) throws {
        var environment = environment
        if part == .controller { environment["KUBECONFIG"] = installation.controllerKubeconfig }
        let log = try FileDescriptor(appendingTo: installation.logFile(of: part))
        let results = try FileDescriptor.pipe()
        let input: FileDescriptor
        switch life {
        case .detached:
            input = try FileDescriptor(reading: "/dev/null")
            leash = nil
        case .bound:
            let pipe = try FileDescriptor.pipe()
            input = pipe.reading
            leash = pipe.writing
        }
        self.part = part
        self.installation = installation
        output = results.reading
        process = try ChildProcess(
            executable: executable,
            arguments: Self.arguments(part, of: installation, life: life, runtime: runtime),
            environment: environment,
            descriptors: [input, results.writing, log]
        )
    }

    static func arguments(
        _ part: LocalInstallation.Part,
        of installation: LocalInstallation,
        life: Life,
        runtime: String? = nil
    ) -> [String] {
        let command =
            switch part {
            case .cluster: "local-cluster"
            case .controller: "run"
            }
        var arguments = [command, "--data-dir", installation.dataDirectory]
        if let runtime, part == .cluster { arguments += ["--runtime", runtime] }
        return life == .bound ? arguments + ["--until-stdin-closes"] : arguments
    }

    /// Waits until the process says what it is.
    ///
    /// - Throws: ``CommandError`` with the last line of its log if it ends before, or takes too long.
    func ready() async throws -> LocalInstallation.Running {
        let line = try await OwnThread.run { try output.readLine(within: Self.patience) }
        switch line {
        case .line(let bytes):
            do {
                return try JSONValueDecoder().decode(LocalInstallation.Running.self, from: JSONValue(parsing: bytes))
            } catch {
                throw CommandError("the \(part.title) said what can't be read when it was ready: \(error)")
            }
        case .end: throw failure("ended before it was ready")
        case .timeout: throw failure("is not ready after \(Self.patience)")
        }
    }

    /// The end of the process, which nobody asked for.
    func failure(_ what: String) -> CommandError {
        let log = installation.logFile(of: part)
        let said = LogTail.lastLine(of: log).map { ": \($0.printable)" } ?? " and wrote nothing"
        return CommandError("the \(part.title) \(what)\(said); its log is \(log)")
    }
}
