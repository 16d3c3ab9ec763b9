import ArgoCompat
import ExecutorRPC
import KargoCore
import StepPluginRegistry

extension AgentPodTemplate {
    /// Makes the sidecar of a plugin: its container as the author wrote it, and what all of them get.
    ///
    /// Where the author is silent the container gets no privileges; what he says is kept.
    static func sidecar(_ plugin: RegisteredPlugin) throws(Refusal) -> Container {
        var container = plugin.plugin.spec.sidecar.container
        container.restartPolicy = RestartPolicy.always
        if container.terminationMessagePolicy.isEmpty {
            container.terminationMessagePolicy = TerminationMessagePolicy.fallbackToLogsOnError
        }
        let given = container.securityContext ?? SecurityContext()
        var security = given
        security.allowPrivilegeEscalation = given.allowPrivilegeEscalation ?? false
        if security.capabilities?.drop.isEmpty ?? true {
            // A container that could read raw packets would read the tokens of the others on loopback.
            security.capabilities = security.capabilities ?? Capabilities()
            security.capabilities?.drop = ["ALL"]
        }
        container.securityContext = security
        if !container.env.contains(where: { $0.name == "GIT_CONFIG_COUNT" }) {
            // Work trees in /workspace belong to the agent's user; git in a sidecar would not touch them.
            container.env += [
                EnvVar("GIT_CONFIG_COUNT", value: "1"), EnvVar("GIT_CONFIG_KEY_0", value: "safe.directory"),
                EnvVar("GIT_CONFIG_VALUE_0", value: "*"),
            ]
        }
        container.volumeMounts = mounts(of: container)
        return container
    }

    private static func mounts(of container: Container) -> [VolumeMount] {
        let isReadOnly = container.volumeMounts.contains { $0.name == VolumeName.workDirectory && $0.readOnly }
        return [
            VolumeMount(
                VolumeName.workDirectory,
                at: AgentLayout.workspace,
                subPath: "workspace",
                readOnly: isReadOnly
            ),
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.gitStore, subPath: "git", readOnly: true),
            VolumeMount(
                VolumeName.tokens,
                at: AgentLayout.tokens,
                subPath: "tokens/\(container.name)",
                readOnly: true
            ),
        ]
    }

    /// Checks what plugins want against what there is, and against each other.
    static func checkPlugins(_ plugins: [RegisteredPlugin]) throws(Refusal) {
        var names: [String: RegisteredPlugin] = [:]
        var ports: [Int32: RegisteredPlugin] = [:]
        for plugin in plugins {
            let container = plugin.plugin.spec.sidecar.container
            let title = "plugin \"\(plugin.name)\" in namespace \(plugin.namespace)"
            guard container.name != initContainer, container.name != agentContainer else {
                throw Refusal(
                    description: "\(title) calls its container \"\(container.name)\", as the agent's own is called; "
                        + "rename it"
                )
            }
            if let other = names.updateValue(plugin, forKey: container.name) {
                throw Refusal(
                    description:
                        "\(title) and plugin \"\(other.name)\" in namespace \(other.namespace) both call their "
                        + "container \"\(container.name)\"; rename one of them"
                )
            }
            for port in Set(container.ports.map(\.containerPort)).sorted() {
                guard port != Int32(AgentProtocol.port) else {
                    throw Refusal(
                        description: "\(title) listens on port \(port), which is the agent's; use another one"
                    )
                }
                if let other = ports.updateValue(plugin, forKey: port) {
                    throw Refusal(
                        description:
                            "\(title) and plugin \"\(other.name)\" in namespace \(other.namespace) both listen on "
                            + "port \(port), and all containers of a Pod share their ports; change one of them"
                    )
                }
            }
            try checkMounts(container, title)
            try checkVariables(container, title)
        }
    }

    /// A variable from a file in a volume would be a way around the mounts.
    private static func checkVariables(_ container: Container, _ title: String) throws(Refusal) {
        for variable in container.env {
            guard let file = variable.valueFrom?.fileKeyRef else { continue }
            throw Refusal(
                description: "\(title) takes the variable \"\(variable.name)\" from a file in volume "
                    + "\"\(file.volumeName)\"; the volumes of an agent Pod are not for that, write the value itself"
            )
        }
    }

    /// A sidecar sees the work directory and its own token, and nothing else: the volumes of the Pod hold the others'
    /// tokens.
    private static func checkMounts(_ container: Container, _ title: String) throws(Refusal) {
        if let device = container.volumeDevices.first {
            throw Refusal(description: "\(title) uses the device \"\(device.name)\"; an agent Pod has no devices")
        }
        for mount in container.volumeMounts {
            let isWorkspace =
                mount.name == VolumeName.workDirectory && mount.mountPath == AgentLayout.workspace
                && mount.subPath.isEmpty && mount.subPathExpr.isEmpty
            let isOwnToken =
                mount.name == VolumeName.tokens && mount.mountPath == AgentLayout.tokens
                && mount.subPath == container.name && mount.subPathExpr.isEmpty
            guard isWorkspace || isOwnToken else {
                throw Refusal(
                    description: "\(title) mounts volume \"\(mount.name)\" at \(mount.mountPath) into container "
                        + "\"\(container.name)\"; a plugin gets \(AgentLayout.workspace) and its own token in "
                        + "\(AgentLayout.tokens), and may mount nothing else"
                )
            }
        }
    }
}
