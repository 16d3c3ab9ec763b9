import AgentPod
import ArgoCompat
import KargoCore
import StepPluginRegistry
import Testing

@Suite("Refusals of an agent Pod")
struct AgentPodRefusalTests {
    private func refusal(_ plugins: RegisteredPlugin...) throws -> String {
        let secret = AgentSecret(key: [], namespace: "demo", pod: "pod", nonce: "nonce")
        return try #require(throws: AgentPodTemplate.Refusal.self) {
            try AgentPodTemplate(image: "agent:1")
                .pod(for: PluginFixtures.promotion(), plugins: plugins, secret: secret)
        }
        .description
    }

    @Test(arguments: ["promotion-agent", "step-plugin-token-init"])
    func `a container may not be called as the agent's own`(name: String) throws {
        #expect(
            try refusal(PluginFixtures.plugin(container: name))
                == "plugin \"probe\" in namespace demo calls its container \"\(name)\", as the agent's own is called; "
                + "rename it"
        )
    }

    @Test(arguments: [[9764], [9765, 9764]] as [[Int32]])
    func `a plugin may not listen on the agent's port`(ports: [Int32]) throws {
        #expect(
            try refusal(PluginFixtures.plugin(ports: ports))
                == "plugin \"probe\" in namespace demo listens on port 9764, which is the agent's; use another one"
        )
    }

    @Test func `two plugins may not call their containers the same`() throws {
        #expect(
            try refusal(
                PluginFixtures.plugin("b", namespace: "system", container: "same", ports: [2]),
                PluginFixtures.plugin("a", container: "same", ports: [1])
            )
                == "plugin \"b\" in namespace system and plugin \"a\" in namespace demo both call their container "
                + "\"same\"; rename one of them"
        )
    }

    @Test func `two plugins may not listen on the same port`() throws {
        #expect(
            try refusal(
                PluginFixtures.plugin("b", namespace: "system", ports: [8000, 9765]),
                PluginFixtures.plugin("a", ports: [9765])
            )
                == "plugin \"b\" in namespace system and plugin \"a\" in namespace demo both listen on port 9765, and "
                + "all containers of a Pod share their ports; change one of them"
        )
    }

    @Test func `a plugin may name its port twice`() throws {
        _ = try AgentPodTemplate(image: "agent:1")
            .pod(
                for: PluginFixtures.promotion(),
                plugins: [PluginFixtures.plugin(ports: [9765, 9765])],
                secret: AgentSecret(key: [], namespace: "demo", pod: "pod", nonce: "nonce")
            )
    }

    @Test(
        arguments: [
            PluginFixtures.mount("kargo-step-plugin-auth", at: "/var/run/kargo"),
            PluginFixtures.mount("kargo-step-plugin-auth", at: "/var/run/kargo", subPath: "other-step-plugin"),
            PluginFixtures.mount("kargo-step-plugin-auth", at: "/var/run/kargo", subPath: "tokens/probe-step-plugin"),
            PluginFixtures.mount("kargo-step-plugin-auth", at: "/all", subPath: "probe-step-plugin"),
            PluginFixtures.mount("kargo-agent", at: "/run/kargo-agent"),
            PluginFixtures.mount("kargo-workdir", at: "/work"),
            PluginFixtures.mount("kargo-workdir", at: "/workspace", subPath: "git"),
            PluginFixtures.mount("kargo-workdir", at: "/workspace/"), PluginFixtures.mount("other", at: "/workspace"),
        ]
    )
    func `a plugin may mount nothing but its own`(mount: VolumeMount) throws {
        #expect(
            try refusal(PluginFixtures.plugin { $0.volumeMounts = [mount] })
                == "plugin \"probe\" in namespace demo mounts volume \"\(mount.name)\" at \(mount.mountPath) into "
                + "container \"probe-step-plugin\"; a plugin gets /workspace and its own token in /var/run/kargo, and "
                + "may mount nothing else"
        )
    }

    @Test(arguments: ["kargo-workdir", "kargo-step-plugin-auth"])
    func `a mount may not be chosen by an expression`(volume: String) throws {
        var mount = PluginFixtures.mount(volume, at: volume == "kargo-workdir" ? "/workspace" : "/var/run/kargo")
        if volume != "kargo-workdir" { mount.subPath = "probe-step-plugin" }
        mount.subPathExpr = "$(NAME)"
        #expect(try refusal(PluginFixtures.plugin { $0.volumeMounts = [mount] }).contains("may mount nothing else"))
    }

    @Test func `a plugin may use no device`() throws {
        var device = VolumeDevice()
        device.name = "disk"
        device.devicePath = "/dev/disk"
        #expect(
            try refusal(PluginFixtures.plugin { $0.volumeDevices = [device] })
                == "plugin \"probe\" in namespace demo uses the device \"disk\"; an agent Pod has no devices"
        )
    }

    @Test func `a variable may not come from a file in a volume`() throws {
        var variable = EnvVar()
        variable.name = "STOLEN"
        variable.valueFrom = EnvVarSource()
        variable.valueFrom?.fileKeyRef = FileKeySelector()
        variable.valueFrom?.fileKeyRef?.volumeName = "kargo-step-plugin-auth"
        #expect(
            try refusal(PluginFixtures.plugin { $0.env = [variable] })
                == "plugin \"probe\" in namespace demo takes the variable \"STOLEN\" from a file in volume "
                + "\"kargo-step-plugin-auth\"; the volumes of an agent Pod are not for that, write the value itself"
        )
    }
}
