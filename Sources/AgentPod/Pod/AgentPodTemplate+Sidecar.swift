import ArgoCompat
import ExecutorRPC
import KargoCore
package import StepPluginRegistry

extension AgentPodTemplate {
    /// Makes the sidecar of a plugin: its container as the author wrote it, and what all of them get.
    ///
    /// Where the author is silent the container gets no privileges; what he says is kept.
    func sidecar(_ plugin: RegisteredPlugin) -> Container {
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
        if security.runAsNonRoot != false { security.runAsUser = given.runAsUser ?? policy.defaultRunAsUser }
        container.securityContext = security
        if !container.env.contains(where: { $0.name == "GIT_CONFIG_COUNT" }) {
            // Work trees in /workspace belong to the agent's user; git in a sidecar would not touch them.
            container.env += [
                EnvVar("GIT_CONFIG_COUNT", value: "1"), EnvVar("GIT_CONFIG_KEY_0", value: "safe.directory"),
                EnvVar("GIT_CONFIG_VALUE_0", value: "*"),
            ]
        }
        container.volumeMounts = mounts(of: container, plugin)
        return container
    }

    private func mounts(of container: Container, _ plugin: RegisteredPlugin) -> [VolumeMount] {
        let isReadOnly = container.volumeMounts.contains { $0.name == VolumeName.workDirectory && $0.readOnly }
        var mounts = [
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
        if container.securityContext?.readOnlyRootFilesystem == true {
            // Most programs need some place for their temporary files.
            mounts.append(
                VolumeMount(
                    VolumeName.workDirectory,
                    at: "/tmp",
                    subPath: "\(AgentLayout.sidecarTemporaryDirectories)/\(container.name)"
                )
            )
        }
        if plugin.asksForServiceAccount {
            mounts.append(VolumeMount(VolumeName.serviceAccount, at: Self.serviceAccountDirectory, readOnly: true))
        }
        return mounts
    }

    /// What holds for all containers of the Pod.
    ///
    /// Where a sidecar is root, which the policy permits, the others are told not to be one by one.
    func podSecurity(_ sidecars: [Container]) -> PodSecurityContext {
        var security = PodSecurityContext()
        if !sidecars.contains(where: \.mayBeRoot) { security.runAsNonRoot = true }
        if policy.securityContext == .standard {
            security.fsGroup = Self.agentUser
            security.fsGroupChangePolicy = "OnRootMismatch"
        }
        security.seccompProfile = SeccompProfile(type: "RuntimeDefault")
        return security
    }

    // MARK: Refusals

    /// Checks what plugins want against what there is, and against each other.
    package func check(_ plugins: [RegisteredPlugin]) throws(Refusal) {
        var names: [String: RegisteredPlugin] = [:]
        var ports: [Int32: RegisteredPlugin] = [:]
        for plugin in plugins {
            let container = plugin.plugin.spec.sidecar.container
            let title = "plugin \"\(plugin.name)\" in namespace \(plugin.namespace)"
            for problem in plugin.plugin.sidecarProblems() {
                var advice = ""
                if let permission = problem.permission {
                    if policy.permits(permission) { continue }
                    advice = ", or have the operator permit it (\(permission.policyField) of the Pod policy)"
                }
                throw Refusal(description: "\(title), container \"\(container.name)\": \(problem)\(advice)")
            }
            if let other = names.updateValue(plugin, forKey: container.name) {
                throw Refusal(
                    description:
                        "\(title) and plugin \"\(other.name)\" in namespace \(other.namespace) both call their "
                        + "container \"\(container.name)\"; rename one of them"
                )
            }
            for port in Set(container.ports.map(\.containerPort)).sorted() {
                guard let other = ports.updateValue(plugin, forKey: port) else { continue }
                throw Refusal(
                    description:
                        "\(title) and plugin \"\(other.name)\" in namespace \(other.namespace) both listen on "
                        + "port \(port), and all containers of a Pod share their ports; change one of them"
                )
            }
        }
    }
}

extension Container {
    /// Whether its author says that it is root, or may be.
    var mayBeRoot: Bool { securityContext?.runAsUser == 0 || securityContext?.runAsNonRoot == false }
}
