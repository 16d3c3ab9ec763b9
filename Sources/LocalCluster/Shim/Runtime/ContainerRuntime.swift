#if os(Linux)
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What runs the containers of a Pod.
///
/// Whatever it is, a container has one process of the machine that stands for it: its output is the container's, and it
/// ends when the container does, with its exit code.
protocol ContainerRuntime {
    /// Becomes the process that stands for a container.
    ///
    /// - Returns: Only when that can't be, with the reason.
    /// - Throws: ``LaunchFailure`` or ``SystemError`` where it does not come as far as that.
    func launch(_ launch: ContainerLaunch) throws -> LaunchFailure

    /// Becomes a command in a container that runs.
    ///
    /// - Parameters:
    ///   - command: The command and its arguments.
    ///   - launch: The container.
    ///   - process: The process that stands for it.
    /// - Returns: Only when that can't be, with the reason.
    /// - Throws: ``SystemError`` where the container can't be entered.
    func exec(_ command: [String], in launch: ContainerLaunch, process: Int32) throws -> LaunchFailure

    /// Sends a container the signal that asks it to end.
    ///
    /// - Parameters:
    ///   - container: The container.
    ///   - process: The process that stands for it.
    ///   - hasStarted: Whether its command has begun.
    func terminate(_ container: ContainerPlan, process: Int32, hasStarted: Bool)

    /// Kills a container.
    func kill(_ container: ContainerPlan, process: Int32, hasStarted: Bool)

    /// Whether what a container has started besides its first process has to be looked for when that one ends.
    var leavesProcesses: Bool { get }

    /// The program that removes what is left of the containers when all have ended; nil where nothing is left.
    func cleanup(_ containers: [ContainerPlan]) -> ShimProgram?
}

extension RuntimeKind {
    /// The runtime for a Pod, by the Pod's directory.
    func make(pod: String) -> any ContainerRuntime {
        switch self {
        case .processes: ProcessRuntime()
        case .podman(let executable): PodmanRuntime(executable: executable, podDirectory: pod)
        }
    }
}

/// Containers as processes that see the machine's own files.
struct ProcessRuntime: ContainerRuntime {
    var leavesProcesses: Bool { true }

    func launch(_ launch: ContainerLaunch) throws -> LaunchFailure { try launch.run() }

    func exec(_ command: [String], in launch: ContainerLaunch, process: Int32) throws -> LaunchFailure {
        var launch = launch
        launch.plan.command = command
        return try launch.join(process)
    }

    func terminate(_ container: ContainerPlan, process: Int32, hasStarted: Bool) { send(SIGTERM, to: process) }

    func kill(_ container: ContainerPlan, process: Int32, hasStarted: Bool) { send(SIGKILL, to: process) }

    func cleanup(_ containers: [ContainerPlan]) -> ShimProgram? { nil }

    private func send(_ signal: Int32, to process: Int32) {
        #if canImport(Glibc)
        _ = Glibc.kill(process, signal)
        #else
        _ = Musl.kill(process, signal)
        #endif
    }
}
#endif
