import KargoCore

/// Makes of a Pod what its shim runs.
struct PodPlanner {
    /// What the Pod may know of itself.
    var downwardAPI: DownwardAPI
    /// What it refers to.
    var references: PodReferences
    /// The environment that every container has.
    var baseEnvironment: [String: String]
    /// The variables by which containers find the API.
    var serviceEnvironment: [String: String] = [:]
    /// Where commands are looked for whose path does not exist.
    var executableDirectory: String
    /// What runs containers.
    var runtime = RuntimeKind.processes

    private var pod: Pod { downwardAPI.pod }

    /// What the containers run.
    ///
    /// - Parameters:
    ///   - volumes: Where the volumes are, by name.
    ///   - directory: The directory of the Pod.
    ///   - histories: What became of the containers before, by name.
    /// - Returns: The init containers and sidecars in order, then the main containers.
    /// - Throws: ``PodBlocker`` for a container that can't be run.
    func containers(
        volumes: [String: String],
        directory: String,
        histories: [String: ContainerPlan.History]
    ) throws(PodBlocker) -> [ContainerPlan] {
        var plans: [ContainerPlan] = []
        let all = pod.spec.initContainers.map { ($0, true) } + pod.spec.containers.map { ($0, false) }
        for (container, isInit) in all {
            var plan = try plan(of: container, isInit: isInit, volumes: volumes)
            plan.logDirectory = "\(directory)/\(PodFile.logs(of: container.name))"
            plan.history = histories[container.name]
            plans.append(plan)
        }
        return plans
    }

    private func plan(
        of container: Container,
        isInit: Bool,
        volumes: [String: String]
    ) throws(PodBlocker) -> ContainerPlan {
        if runtime == .processes, container.command.first?.isEmpty != false {
            throw PodBlocker(
                container: container.name,
                reason: ContainerReason.createContainerError,
                message:
                    "container \"\(container.name)\" has no command; without a runtime for images the cluster does "
                    + "not know the image's, so write it as command, or start the cluster with --runtime podman",
                remedy: .none
            )
        }
        let own = try ContainerEnvironment(downwardAPI: downwardAPI, references: references).variables(of: container)
        let command = (container.command + container.args).map { $0.expandingVariables { own[$0] } }
        var given = serviceEnvironment
        given["HOSTNAME"] = pod.spec.hostname.isEmpty ? pod.metadata.name : pod.spec.hostname
        let environment = baseEnvironment.merging(given) { $1 }.merging(own) { $1 }
        var mounts: [MountRequest] = []
        for mount in container.volumeMounts {
            mounts.append(try request(mount, of: container, volumes, own))
        }
        let (kind, restart) = role(of: container, isInit: isInit)
        return ContainerPlan(
            name: container.name,
            kind: kind,
            restart: restart,
            command: command,
            environment: environment,
            workingDirectory: container.workingDir,
            executableDirectories: [executableDirectory],
            mounts: mounts,
            logDirectory: "",
            terminationMessagePath: container.terminationMessagePath.isEmpty
                ? "/dev/termination-log" : container.terminationMessagePath,
            fallsBackToLogs: container.terminationMessagePolicy == TerminationMessagePolicy.fallbackToLogsOnError,
            history: nil,
            checks: try CheckPlanner(pod: pod, address: downwardAPI.address, container: container).plan(),
            image: image(of: container, own.merging(given) { own, _ in own })
        )
    }

    private func image(of container: Container, _ environment: [String: String]) -> ImagePlan? {
        guard case .podman = runtime else { return nil }
        return ImagePlan(container, of: pod.spec, environment: environment)
    }

    private func request(
        _ mount: VolumeMount,
        of container: Container,
        _ volumes: [String: String],
        _ variables: [String: String]
    ) throws(PodBlocker) -> MountRequest {
        guard let path = volumes[mount.name] else {
            throw .configuration(
                of: container.name,
                "the Pod has no volume \"\(mount.name)\", which container \"\(container.name)\" mounts",
                remedy: .none
            )
        }
        let subPath =
            mount.subPathExpr.isEmpty ? mount.subPath : mount.subPathExpr.expandingVariables { variables[$0] }
        let volume = pod.spec.volumes.first { $0.name == mount.name }
        return MountRequest(
            volume: path,
            subPath: subPath,
            path: mount.mountPath,
            isReadOnly: mount.readOnly || volume?.isReadOnly == true
        )
    }

    private func role(
        of container: Container,
        isInit: Bool
    ) -> (ContainerPlan.Kind, ContainerPlan.Restart) {
        if isInit, container.restartPolicy == RestartPolicy.always { return (.sidecar, .always) }
        let kind = isInit ? ContainerPlan.Kind.initialization : .main
        return switch pod.spec.restartPolicy {
        case RestartPolicy.never: (kind, .never)
        case RestartPolicy.onFailure: (kind, .onFailure)
        // An init container that has succeeded is never run again.
        default: (kind, isInit ? .onFailure : .always)
        }
    }
}

extension Volume {
    /// Whether the kubelet lets containers only read a volume of this kind.
    fileprivate var isReadOnly: Bool {
        configMap != nil || secret != nil || downwardAPI != nil || projected != nil
    }
}
