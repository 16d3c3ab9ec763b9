#if os(Linux)
import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What a container's process does before it becomes the container's command.
///
/// It is a program of its own, so that it has one thread only, as the kernel demands of who changes namespaces.
struct ContainerLaunch {
    /// Where a failure is reported; closed by the beginning of the command, which is its success.
    static let reportNumber: Int32 = 3

    var plan: ContainerPlan
    let podDirectory: String
    let shim: Int32

    /// Becomes the command of a container of the Pod whose directory is the present one.
    ///
    /// - Parameter arguments: The number of the container in the spec, and the process of the shim.
    static func main(_ arguments: [String]) -> Never {
        let report = Descriptor(reportNumber)
        let failure: LaunchFailure
        do {
            guard arguments.count == 2, let spec = try StoredValue.read(ShimSpec.self, from: PodFile.spec),
                let launch = try ContainerLaunch(spec, arguments[0], shim: arguments[1])
            else {
                throw LaunchFailure(stage: .creation, message: "the arguments are not those that a shim gives")
            }
            failure = try spec.runtime.make(pod: launch.podDirectory).launch(launch)
        } catch let error as LaunchFailure {
            failure = error
        } catch {
            failure = LaunchFailure(stage: .creation, message: "\(error)")
        }
        do {
            try report.write(StoredValue.line(failure))
        } catch {
            // Nobody is there to hear it.
            _exit(1)
        }
        _exit(128)
    }

    /// A container of a Pod whose directory is the present one; nil where there is none of that number.
    init?(_ spec: ShimSpec, _ index: String, shim: String) throws {
        guard let index = Int(index), spec.containers.indices.contains(index), let shim = Int32(shim) else {
            return nil
        }
        plan = spec.containers[index]
        podDirectory = try FileSystem.realPath(".")
        self.shim = shim
    }

    /// Becomes the command; returns only when it can't be executed.
    func run() throws -> LaunchFailure {
        umask(0)
        let fallback = openFallback()
        do {
            try enterRoot()
        } catch let error as ContainerRoot.NotAllowed {
            guard plan.mounts.isEmpty else {
                throw LaunchFailure(
                    stage: .creation,
                    message: "the volumes of container \"\(plan.name)\" can't be mounted, because the kernel does not "
                        + "allow mount namespaces to this user (\(error.reason)); allow user namespaces (sysctl "
                        + "user.max_user_namespaces above 0, kernel.unprivileged_userns_clone=1, "
                        + "kernel.apparmor_restrict_unprivileged_userns=0) or run the cluster as root"
                )
            }
        }
        try followShim()
        umask(0o022)
        return executeInDirectory(fallback)
    }

    /// Becomes the command in a container that runs already, as that process sees the machine.
    func join(_ process: Int32) throws -> LaunchFailure {
        let fallback = openFallback()
        // A user namespace first: without it nothing may be done to the others.
        for (name, kind) in [
            ("user", LinuxConstant.newUserNamespace), ("mnt", LinuxConstant.newMountNamespace),
        ] {
            let path = "/proc/\(process)/ns/\(name)"
            guard FileSystem.target(ofLink: path) != FileSystem.target(ofLink: "/proc/self/ns/\(name)") else {
                continue
            }
            let namespace = try Descriptor(open: path, O_RDONLY)
            try SystemError.check("enter the container") { linux_setns(namespace.number, kind) }
        }
        try followShim()
        return executeInDirectory(fallback)
    }

    /// Ends this process when the shim does.
    func followShim() throws {
        // Last, because entering a namespace takes it back; and the shim may have died before.
        try SystemError.check("follow the shim") {
            linux_prctl(LinuxConstant.setParentDeathSignal, UInt(SIGKILL), 0, 0, 0)
        }
        guard getppid() == shim else { _exit(1) }
    }

    private func executeInDirectory(_ fallback: Fallback?) -> LaunchFailure {
        let directory = plan.workingDirectory.isEmpty ? "/" : plan.workingDirectory
        guard chdir(directory) == 0 else {
            let error = SystemError(code: errno, action: "change to workingDir \(directory)")
            return LaunchFailure(stage: .start, message: "\(error)")
        }
        return execute(fallback)
    }

    private func enterRoot() throws {
        var mounts = try plan.mounts.map { request in
            let source = try VolumePath.resolve(request)
            return MountPlan.Mount(
                source: source,
                isDirectory: FileSystem.isDirectory(source),
                path: request.path,
                isReadOnly: request.isReadOnly
            )
        }
        if !plan.terminationMessagePath.isEmpty {
            mounts.append(
                MountPlan.Mount(
                    source: "\(podDirectory)/\(PodFile.terminationMessage(of: plan.name))",
                    isDirectory: false,
                    path: plan.terminationMessagePath,
                    isReadOnly: false
                )
            )
        }
        let directory = plan.workingDirectory.isEmpty ? "/" : plan.workingDirectory
        let mountPlan = try MountPlan(mounts: mounts, workingDirectory: directory, host: MachineFiles())
        try ContainerRoot.enterNamespace()
        try ContainerRoot.enter(mountPlan, by: "\(podDirectory)/\(PodFile.root)")
    }

    // MARK: The command

    /// A file that stands in for an absolute path, opened before a mount can hide it.
    private struct Fallback {
        var path: String
        var file: Descriptor
    }

    private func openFallback() -> Fallback? {
        guard let command = plan.command.first, command.hasPrefix("/") else { return nil }
        for directory in plan.executableDirectories {
            let path = "\(directory)/\(ExecutableSearch.name(of: command))"
            guard FileSystem.isExecutable(path) else { continue }
            do {
                return Fallback(path: path, file: try Descriptor(open: path, LinuxConstant.openPathOnly))
            } catch {
                // Gone since; the next may do.
                continue
            }
        }
        return nil
    }

    /// Becomes the command; returns why not.
    private func execute(_ fallback: Fallback?) -> LaunchFailure {
        guard let command = plan.command.first else {
            return LaunchFailure(stage: .start, message: "there is no command")
        }
        let search = ExecutableSearch(
            path: plan.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            isExecutable: FileSystem.isExecutable
        )
        if !command.contains("/") {
            guard let file = search.find(command) else {
                return LaunchFailure(stage: .start, message: "exec: \"\(command)\": executable file not found in $PATH")
            }
            return execute(file)
        }
        guard command.hasPrefix("/"), !FileSystem.exists(command) else { return execute(command) }
        if let fallback {
            // By its path if it still leads there, so that the program can find its own files.
            return isSame(fallback) ? execute(fallback.path) : execute(fallback.file)
        }
        return execute(search.find(ExecutableSearch.name(of: command)) ?? command)
    }

    private func isSame(_ fallback: Fallback) -> Bool {
        var (found, opened) = (stat(), stat())
        return stat(fallback.path, &found) == 0 && fstat(fallback.file.number, &opened) == 0
            && found.st_dev == opened.st_dev && found.st_ino == opened.st_ino
    }

    private func execute(_ path: String) -> LaunchFailure {
        execute(path) { arguments, environment in execve(path, arguments, environment) }
    }

    private func execute(_ file: Descriptor) -> LaunchFailure {
        execute(plan.command[0]) { arguments, environment in
            execveat(file.number, "", arguments, environment, LinuxConstant.emptyPath)
        }
    }

    private func execute(
        _ path: String,
        _ call: (CStringArray.Pointers, CStringArray.Pointers) -> Int32
    ) -> LaunchFailure {
        let arguments = CStringArray(plan.command)
        let environment = CStringArray(plan.environment.map { "\($0.key)=\($0.value)" }.sorted())
        let code = arguments.withPointers { arguments in
            environment.withPointers { environment in
                _ = call(arguments, environment)
                return errno
            }
        }
        return LaunchFailure(
            stage: .start,
            message: "exec \"\(path)\": \(SystemError(code: code, action: "").reason)"
        )
    }
}
#endif
