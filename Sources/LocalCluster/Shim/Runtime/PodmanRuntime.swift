#if os(Linux)
import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Containers from their images, by podman.
///
/// A container is made, then `podman start --attach` stands for it. All share the machine's network, so that a Pod is
/// reached at the same address as one that runs as processes.
struct PodmanRuntime: ContainerRuntime {
    /// The file of the program.
    var executable: String
    /// The directory of the Pod.
    var podDirectory: String

    // Podman sees to it; what runs in podman's own namespaces may be that of other containers.
    var leavesProcesses: Bool { false }

    /// The name of a container, which no other Pod's has.
    func name(of container: ContainerPlan) -> String {
        let uid = podDirectory.split(separator: "/").last.map(String.init) ?? "pod"
        return "kargo-\(uid)-\(container.name)"
    }

    /// The arguments that make a container.
    func creation(of container: ContainerPlan, image: ImagePlan, mounts: [String]) -> [String] {
        var arguments = [
            "create", "--replace", "--name", name(of: container), "--network", "host", "--log-driver", "none",
            "--security-opt", "label=disable", "--pull", image.pullPolicy,
        ]
        arguments += image.options
        for mount in mounts { arguments += ["--volume", mount] }
        for (name, value) in image.environment.sorted(by: { $0.key < $1.key }) {
            // By the name alone where that is possible: arguments can be seen by everybody on the machine.
            arguments += ["--env", Self.isOfPodman(name) ? "\(name)=\(value)" : name]
        }
        if !container.workingDirectory.isEmpty { arguments += ["--workdir", container.workingDirectory] }
        var command = container.command[...]
        if image.hasCommand, let first = command.popFirst() {
            arguments += ["--entrypoint", JSONValue.array([.string(first)]).text()]
        }
        return arguments + [image.name] + command
    }

    /// Whether a variable would change what podman itself does.
    static func isOfPodman(_ name: String) -> Bool {
        ["PATH", "HOME", "USER", "LANG", "TMPDIR", "LD_PRELOAD", "LD_LIBRARY_PATH", "NOTIFY_SOCKET"].contains(name)
            || name.hasPrefix("XDG_") || name.hasPrefix("CONTAINER") || name.hasPrefix("PODMAN_")
            || name.hasPrefix("STORAGE_") || name.hasPrefix("REGISTRY_") || name.hasPrefix("_")
            || name.hasPrefix("DBUS_") || name.lowercased().hasSuffix("_proxy")
    }

    // MARK: The start

    func launch(_ launch: ContainerLaunch) throws -> LaunchFailure {
        let plan = launch.plan
        guard let image = plan.image else {
            return LaunchFailure(stage: .creation, message: "container \"\(plan.name)\" has no image")
        }
        try launch.followShim()
        var environment = ProcessInfo.processInfo.environment
        for (name, value) in image.environment where !Self.isOfPodman(name) { environment[name] = value }
        let creation = try run(creation(of: plan, image: image, mounts: mounts(launch)), environment)
        guard creation.isSuccess else { return failure(creation.message, image) }
        let name = name(of: plan)
        let facts = try run(["container", "inspect", "--format", "{{.Image}} {{.Config.StopSignal}}", name])
        let words = facts.message.split(separator: " ").map(String.init)
        if facts.isSuccess, words.count == 2 {
            try StoredValue.write(ImageFacts(image: words[0], stopSignal: words[1]), to: ImageFacts.file(of: plan.name))
        }
        // Whether the command can be executed shows here, and not in an exit code that could be the command's own.
        let initialization = try run(["init", name])
        guard initialization.isSuccess else {
            return LaunchFailure(stage: .start, message: initialization.message)
        }
        try holdReport(untilStartOf: name)
        return become(["start", "--attach", "--sig-proxy=false", name])
    }

    /// Keeps the report open until the container runs, or has ended: only then the shim takes it for started, and what
    /// needs a container that runs is not too early.
    private func holdReport(untilStartOf name: String) throws {
        let nothing = try Descriptor(open: "/dev/null", O_RDWR)
        let report = Descriptor(dup(ContainerLaunch.reportNumber))
        let conditions = ["running", "stopped", "exited"].flatMap { ["--condition", $0] }
        _ = try ProcessSpawn(
            executable: executable,
            arguments: program(["wait", "--interval", "20ms"] + conditions + [name]).arguments,
            environment: ProcessInfo.processInfo.environment,
            descriptors: [nothing, nothing, nothing, report]
        )
        .start()
    }

    private func mounts(_ launch: ContainerLaunch) throws -> [String] {
        var mounts = try launch.plan.mounts.map { request in
            "\(try VolumePath.resolve(request)):\(request.path):\(request.isReadOnly ? "ro" : "rw"),rbind"
        }
        if !launch.plan.terminationMessagePath.isEmpty {
            let file = "\(launch.podDirectory)/\(PodFile.terminationMessage(of: launch.plan.name))"
            mounts.append("\(file):\(launch.plan.terminationMessagePath):rw")
        }
        return mounts
    }

    private func failure(_ message: String, _ image: ImagePlan) -> LaunchFailure {
        let marks = ["initializing source", "no such image", "image not known", "short-name", "pinging container"]
        let reason =
            if message.contains("invalid reference format") {
                ContainerReason.invalidImageName
            } else if image.pullPolicy == "never", marks.contains(where: message.contains) {
                ContainerReason.errImageNeverPull
            } else if marks.contains(where: message.contains) || message.contains("unable to copy from source") {
                ContainerReason.errImagePull
            } else {
                ContainerReason.createContainerError
            }
        return LaunchFailure(stage: .creation, message: message, reason: reason)
    }

    // MARK: What runs

    func exec(_ command: [String], in launch: ContainerLaunch, process: Int32) throws -> LaunchFailure {
        become(["exec", name(of: launch.plan)] + command)
    }

    func terminate(_ container: ContainerPlan, process: Int32, hasStarted: Bool) {
        var signal = "TERM"
        do {
            let made = try StoredValue.read(ImageFacts.self, from: ImageFacts.file(of: container.name))
            if let given = made?.stopSignal, !given.isEmpty { signal = given }
        } catch {
            Diagnostics.report("what podman told of \(container.name) can't be read: \(error)")
        }
        guard hasStarted else {
            _ = Self.send(SIGTERM, toGroup: process)
            return
        }
        help(["kill", "--signal", signal, name(of: container)])
    }

    func kill(_ container: ContainerPlan, process: Int32, hasStarted: Bool) {
        // Not left to podman alone: what stands for the container ends in any case, and the rest when all have ended.
        if hasStarted { help(["kill", "--signal", "KILL", name(of: container)]) }
        _ = Self.send(SIGKILL, toGroup: process)
    }

    func cleanup(_ containers: [ContainerPlan]) -> ShimProgram? {
        program(["rm", "--force", "--ignore", "--time", "0", "--volumes"] + containers.map(name))
    }

    // MARK: The program

    private func program(_ arguments: [String]) -> ShimProgram {
        ShimProgram(executable: executable, arguments: ["podman"] + arguments)
    }

    /// Runs podman to its end.
    private func run(_ arguments: [String], _ environment: [String: String]? = nil) throws -> CheckResult {
        let (reading, writing) = try Descriptor.pipe()
        let (errors, errorsEnd) = try Descriptor.pipe()
        let nothing = try Descriptor(open: "/dev/null", O_RDONLY)
        let process = try ProcessSpawn(
            executable: executable,
            arguments: program(arguments).arguments,
            environment: environment ?? ProcessInfo.processInfo.environment,
            descriptors: [nothing, writing, errorsEnd]
        )
        .start()
        var output = CheckOutput()
        var complaint = CheckOutput()
        var status: Int32 = 0
        // Short enough for a pipe, but for a pull's progress.
        while waitpid(process, &status, WNOHANG) == 0 {
            output.read(reading)
            complaint.read(errors)
            usleep(2000)
        }
        output.read(reading)
        complaint.read(errors)
        guard status == 0 else { return CheckResult(isSuccess: false, message: complaint.lastLine.withoutErrorMark) }
        return CheckResult(isSuccess: true, message: output.lastLine)
    }

    /// Starts podman for something whose end nobody waits for.
    private func help(_ arguments: [String]) {
        do {
            let nothing = try Descriptor(open: "/dev/null", O_RDWR)
            _ = try ProcessSpawn(
                executable: executable,
                arguments: program(arguments).arguments,
                environment: ProcessInfo.processInfo.environment,
                descriptors: [nothing, nothing, nothing]
            )
            .start()
        } catch {
            Diagnostics.report("podman can't be started: \(error)")
        }
    }

    /// Becomes podman; returns why not.
    private func become(_ arguments: [String]) -> LaunchFailure {
        let arguments = CStringArray(program(arguments).arguments)
        let environment = CStringArray(ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" })
        let code = arguments.withPointers { arguments in
            environment.withPointers { environment in
                _ = execve(executable, arguments, environment)
                return errno
            }
        }
        return LaunchFailure(
            stage: .creation,
            message: "exec \"\(executable)\": \(SystemError(code: code, action: "").reason)"
        )
    }

    private static func send(_ signal: Int32, toGroup process: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.kill(-process, signal)
        #else
        Musl.kill(-process, signal)
        #endif
    }
}

extension String {
    /// What podman has to say without the word before it.
    fileprivate var withoutErrorMark: String { hasPrefix("Error: ") ? String(dropFirst(7)) : self }
}
#endif
