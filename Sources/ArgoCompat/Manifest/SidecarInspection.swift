import KargoCore

/// Collects the problems of a container.
struct SidecarInspection {
    let root: FieldPath
    private(set) var problems: [SidecarProblem] = []

    init(root: FieldPath) {
        self.root = root
    }

    mutating func inspect(_ container: Container) {
        inspectName(container.name)
        inspectPorts(container.ports)
        inspectEnvironment(container)
        if !container.resources.claims.isEmpty {
            report(root.appending("resources").appending("claims"), "an agent Pod has no resource claims; remove it")
        }
        inspectRestarts(container)
        inspectMounts(container)
        for (name, probe) in [
            ("livenessProbe", container.livenessProbe), ("readinessProbe", container.readinessProbe),
            ("startupProbe", container.startupProbe),
        ] {
            inspectHost(root.appending(name), probe?.httpGet, probe?.tcpSocket)
        }
        for (name, handler) in [
            ("postStart", container.lifecycle?.postStart), ("preStop", container.lifecycle?.preStop),
        ] {
            inspectHost(root.appending("lifecycle").appending(name), handler?.httpGet, handler?.tcpSocket)
        }
        if !["", "/dev/termination-log"].contains(container.terminationMessagePath) {
            report("terminationMessagePath", "is where the agent looks for no message; remove it")
        }
        if let security = container.securityContext { inspect(security) }
    }

    // MARK: Names, ports, variables

    private mutating func inspectName(_ name: String) {
        if !name.isDNSLabel {
            report(
                "name",
                "must be at most 63 lower-case letters, digits and '-', and begin and end with a letter or digit, not "
                    + "\"\(name)\""
            )
        }
        if [AgentPodContract.agentContainer, AgentPodContract.initContainer].contains(name) {
            report("name", "\"\(name)\" is what the agent's own container is called; rename it")
        }
    }

    private mutating func inspectPorts(_ ports: [ContainerPort]) {
        for (index, port) in ports.enumerated() {
            let path = root.appending("ports").appending(index)
            if port.containerPort == Int32(AgentPodContract.agentPort) {
                report(path.appending("containerPort"), "\(port.containerPort) is the agent's port; use another one")
            }
            if port.hostPort != 0 {
                report(path.appending("hostPort"), "would open a port of the node; remove it")
            }
            if !port.hostIP.isEmpty { report(path.appending("hostIP"), "is an address of the node; remove it") }
        }
    }

    private mutating func inspectEnvironment(_ container: Container) {
        for (index, source) in container.envFrom.enumerated() {
            guard let secret = source.secretRef else { continue }
            let path = root.appending("envFrom").appending(index).appending("secretRef")
            report(path, "reads Secret \"\(secret.name)\"; give the step what it needs in its configuration", .secrets)
        }
        for (index, variable) in container.env.enumerated() {
            let path = root.appending("env").appending(index).appending("valueFrom")
            if let file = variable.valueFrom?.fileKeyRef {
                report(
                    path.appending("fileKeyRef"),
                    "takes variable \"\(variable.name)\" from a file in volume \"\(file.volumeName)\", whose files are "
                        + "not for that; write the value itself"
                )
            }
            if let secret = variable.valueFrom?.secretKeyRef {
                report(
                    path.appending("secretKeyRef"),
                    "reads Secret \"\(secret.name)\"; give the step what it needs in its configuration",
                    .secrets
                )
            }
        }
    }

    // MARK: Life

    private mutating func inspectRestarts(_ container: Container) {
        if let policy = container.restartPolicy, !policy.isEmpty, policy != RestartPolicy.always {
            report("restartPolicy", "is \"\(policy)\"; a sidecar is always restarted, remove it")
        }
        if !container.restartPolicyRules.isEmpty {
            report("restartPolicyRules", "a sidecar is always restarted; remove it")
        }
    }

    /// A host would have the node call somebody else.
    private mutating func inspectHost(_ path: FieldPath, _ get: HTTPGetAction?, _ socket: TCPSocketAction?) {
        let message = "would have the node call another machine; remove it, the container itself is meant then"
        if get?.host.isEmpty == false { report(path.appending("httpGet").appending("host"), message) }
        if socket?.host.isEmpty == false { report(path.appending("tcpSocket").appending("host"), message) }
    }

    // MARK: Volumes

    /// A sidecar sees the work directory and its own token, and nothing else: the volumes of the Pod hold the others'
    /// tokens.
    private mutating func inspectMounts(_ container: Container) {
        for (index, mount) in container.volumeMounts.enumerated() {
            let isWorkspace =
                mount.name == AgentPodContract.workDirectoryVolume && mount.mountPath == AgentPodContract.workspace
                && mount.subPath.isEmpty && mount.subPathExpr.isEmpty
            let isOwnToken =
                mount.name == AgentPodContract.tokenVolume && mount.mountPath == AgentPodContract.tokens
                && mount.subPath == container.name && mount.subPathExpr.isEmpty
            guard !isWorkspace && !isOwnToken else { continue }
            report(
                root.appending("volumeMounts").appending(index),
                "mounts volume \"\(mount.name)\" at \(mount.mountPath); a plugin gets \(AgentPodContract.workspace) "
                    + "and its own token in \(AgentPodContract.tokens), and may mount nothing else"
            )
        }
        if let device = container.volumeDevices.first {
            report("volumeDevices", "uses device \"\(device.name)\", but an agent Pod has no devices; remove it")
        }
    }

    // MARK: Privileges

    private mutating func inspect(_ security: SecurityContext) {
        let path = root.appending("securityContext")
        if let capabilities = security.capabilities { inspect(capabilities, path.appending("capabilities")) }
        if security.privileged == true { report(path.appending("privileged"), "would be the node's root; remove it") }
        if security.seLinuxOptions != nil {
            report(path.appending("seLinuxOptions"), "is for the cluster to choose; remove it")
        }
        if security.windowsOptions != nil {
            report(path.appending("windowsOptions"), "agents run on Linux; remove it")
        }
        inspectUser(security, path)
        if security.allowPrivilegeEscalation == true {
            report(path.appending("allowPrivilegeEscalation"), "lets a program become root; remove it", .root)
        }
        if let mount = security.procMount, !mount.isEmpty, mount != "Default" {
            report(path.appending("procMount"), "is \"\(mount)\"; remove it")
        }
        for (name, type) in [
            ("seccompProfile", security.seccompProfile?.type), ("appArmorProfile", security.appArmorProfile?.type),
        ] {
            guard let type, !["RuntimeDefault", "Localhost"].contains(type) else { continue }
            report(
                path.appending(name).appending("type"),
                "is \"\(type)\"; use RuntimeDefault or Localhost, or remove it"
            )
        }
    }

    private mutating func inspectUser(_ security: SecurityContext, _ path: FieldPath) {
        if security.runAsUser == 0 {
            report(path.appending("runAsUser"), "is root; use a number other than 0", .root)
            if security.runAsNonRoot == true {
                report(path.appending("runAsNonRoot"), "is true, but runAsUser is root; remove one of the two")
            }
        }
        if security.runAsNonRoot == false {
            report(path.appending("runAsNonRoot"), "lets the image run as root; remove it", .root)
        }
    }

    private mutating func inspect(_ capabilities: Capabilities, _ path: FieldPath) {
        // Spelled exactly: runtimes also take other spellings, such as small letters.
        for (index, name) in capabilities.add.enumerated() where name != AgentPodContract.allowedCapability {
            report(
                path.appending("add").appending(index),
                "\"\(name)\" is not for sidecars; remove it",
                .capability(name)
            )
        }
        if !capabilities.drop.isEmpty, !capabilities.drop.contains("ALL") {
            report(path.appending("drop"), "must hold ALL; name what the plugin needs in add", .capability("ALL"))
        }
    }

    // MARK: Reports

    private mutating func report(_ field: String, _ message: String) {
        report(root.appending(field), message)
    }

    private mutating func report(
        _ path: FieldPath,
        _ message: String,
        _ permission: SidecarProblem.Permission? = nil
    ) {
        problems.append(SidecarProblem(path: path, message: message, permission: permission))
    }
}
