import ArgoCompat
import KargoCore
import Testing

@Suite("What sidecars may not have")
struct SidecarProblemTests {
    private func problems(_ container: String, securityContext: String = "{}") throws -> [SidecarProblem] {
        let text = """
            name: probe-step-plugin
            image: probe:1
            ports: [{containerPort: 9765}]
            resources: {requests: {cpu: 1}, limits: {cpu: 1}}
            securityContext: \(securityContext)
            """
        var value = try JSONValue(yaml: text)
        for (key, member) in try JSONValue(yaml: container).objectValue ?? [:] { value[key] = member }
        var plugin = StepPlugin()
        plugin.spec.sidecar.container = try JSONValueDecoder(unknownFields: .rejected)
            .decode(Container.self, from: value)
        return plugin.sidecarProblems()
    }

    @Test func `is nothing of what an ordinary one has`() throws {
        let container = """
            command: [serve]
            env: [{name: A, value: b}, {name: C, valueFrom: {configMapKeyRef: {name: c, key: d}}},
                  {name: E, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
            envFrom: [{configMapRef: {name: c}}]
            restartPolicy: Always
            terminationMessagePath: /dev/termination-log
            imagePullPolicy: Always
            ports: [{containerPort: 9765, protocol: TCP, name: http}, {containerPort: 9100}]
            volumeMounts: [{name: kargo-workdir, mountPath: /workspace, readOnly: true},
              {name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: probe-step-plugin}]
            livenessProbe: {httpGet: {port: 9765, path: /}}
            startupProbe: {tcpSocket: {port: 9765}}
            lifecycle: {preStop: {exec: {command: ["true"]}}, postStart: {httpGet: {port: 9765}}}
            """
        let security = """
            {allowPrivilegeEscalation: false, privileged: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]},
             runAsNonRoot: true, runAsUser: 1, runAsGroup: 0, readOnlyRootFilesystem: true, procMount: Default,
             seccompProfile: {type: Localhost, localhostProfile: p}, appArmorProfile: {type: RuntimeDefault}}
            """
        #expect(try problems(container, securityContext: security) == [])
    }

    @Test(arguments: [
        ("name: promotion-agent", "name: \"promotion-agent\" is what the agent's own container is called; rename it"),
        (
            "name: step-plugin-token-init",
            "name: \"step-plugin-token-init\" is what the agent's own container is called; rename it"
        ),
        (
            "name: Probe_1",
            "name: must be at most 63 lower-case letters, digits and '-', and begin and end with a letter or digit, "
                + "not \"Probe_1\""
        ),
        (
            "ports: [{containerPort: 1}, {containerPort: 9764}]",
            "ports[1].containerPort: 9764 is the agent's port; use another one"
        ),
        (
            "ports: [{containerPort: 1, hostPort: 80}]",
            "ports[0].hostPort: would open a port of the node; remove it"
        ),
        (
            "ports: [{containerPort: 1, hostIP: 10.0.0.1}]",
            "ports[0].hostIP: is an address of the node; remove it"
        ),
        (
            "env: [{name: STOLEN, valueFrom: {fileKeyRef: {volumeName: kargo-step-plugin-auth, path: p, key: k}}}]",
            "env[0].valueFrom.fileKeyRef: takes variable \"STOLEN\" from a file in volume "
                + "\"kargo-step-plugin-auth\", whose files are not for that; write the value itself"
        ),
        (
            "resources: {requests: {cpu: 1}, limits: {cpu: 1}, claims: [{name: gpu}]}",
            "resources.claims: an agent Pod has no resource claims; remove it"
        ),
        ("restartPolicy: Never", "restartPolicy: is \"Never\"; a sidecar is always restarted, remove it"),
        (
            "restartPolicyRules: [{action: RestartAllContainers}]",
            "restartPolicyRules: a sidecar is always restarted; remove it"
        ),
        (
            "volumeDevices: [{name: disk, devicePath: /dev/disk}]",
            "volumeDevices: uses device \"disk\", but an agent Pod has no devices; remove it"
        ),
        (
            "terminationMessagePath: /workspace/message",
            "terminationMessagePath: is where the agent looks for no message; remove it"
        ),
    ])
    func `is a field that reaches beyond the container`(container: String, problem: String) throws {
        let problems = try problems(container)
        #expect(problems.map(\.description) == [problem])
        #expect(problems.allSatisfy { $0.permission == nil })
    }

    @Test(arguments: [
        ("livenessProbe: {httpGet: {port: 1, host: h}}", "livenessProbe.httpGet.host"),
        ("readinessProbe: {tcpSocket: {port: 1, host: h}}", "readinessProbe.tcpSocket.host"),
        ("startupProbe: {httpGet: {port: 1, host: h}}", "startupProbe.httpGet.host"),
        ("lifecycle: {postStart: {httpGet: {port: 1, host: h}}}", "lifecycle.postStart.httpGet.host"),
        ("lifecycle: {preStop: {tcpSocket: {port: 1, host: h}}}", "lifecycle.preStop.tcpSocket.host"),
    ])
    func `is a host in a probe or a hook`(container: String, field: String) throws {
        #expect(
            try problems(container).map(\.description) == [
                "\(field): would have the node call another machine; remove it, the container itself is meant then"
            ]
        )
    }

    @Test(arguments: [
        "{name: kargo-step-plugin-auth, mountPath: /var/run/kargo}",
        "{name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: other-step-plugin}",
        "{name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: tokens/probe-step-plugin}",
        "{name: kargo-step-plugin-auth, mountPath: /all, subPath: probe-step-plugin}",
        "{name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: probe-step-plugin, subPathExpr: $(A)}",
        "{name: kargo-agent, mountPath: /run/kargo-agent}",
        "{name: kargo-service-account, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}",
        "{name: kargo-workdir, mountPath: /work}",
        "{name: kargo-workdir, mountPath: /workspace, subPath: git}",
        "{name: kargo-workdir, mountPath: /workspace, subPathExpr: $(A)}",
        "{name: kargo-workdir, mountPath: /workspace/}", "{name: other, mountPath: /workspace}",
    ])
    func `is a mount that is not its own`(mount: String) throws {
        let problem = try #require(try problems("volumeMounts: [\(mount)]").first)
        #expect(problem.path == FieldPath("volumeMounts").appending(0))
        #expect(
            problem.message.hasSuffix(
                "; a plugin gets /workspace and its own token in /var/run/kargo, and may mount nothing else"
            )
        )
        #expect(problem.permission == nil)
    }

    @Test(
        arguments: [
            ("{privileged: true}", "securityContext.privileged", nil),
            ("{capabilities: {add: [SYS_ADMIN]}}", "securityContext.capabilities.add[0]", .capability("SYS_ADMIN")),
            // Runtimes take these for what they mean, and the list of what is allowed must not be got around so.
            ("{capabilities: {add: [sys_admin]}}", "securityContext.capabilities.add[0]", .capability("sys_admin")),
            (
                "{capabilities: {add: [CAP_NET_BIND_SERVICE]}}", "securityContext.capabilities.add[0]",
                .capability("CAP_NET_BIND_SERVICE")
            ),
            ("{capabilities: {drop: [KILL]}}", "securityContext.capabilities.drop", .capability("ALL")),
            ("{seLinuxOptions: {type: spc_t}}", "securityContext.seLinuxOptions", nil),
            ("{seLinuxOptions: {}}", "securityContext.seLinuxOptions", nil),
            ("{windowsOptions: {hostProcess: true}}", "securityContext.windowsOptions", nil),
            ("{procMount: Unmasked}", "securityContext.procMount", nil),
            ("{seccompProfile: {type: Unconfined}}", "securityContext.seccompProfile.type", nil),
            ("{seccompProfile: {type: unconfined}}", "securityContext.seccompProfile.type", nil),
            ("{appArmorProfile: {type: Unconfined}}", "securityContext.appArmorProfile.type", nil),
            ("{allowPrivilegeEscalation: true}", "securityContext.allowPrivilegeEscalation", .root),
            ("{runAsUser: 0}", "securityContext.runAsUser", .root),
            ("{runAsUser: 1, runAsNonRoot: false}", "securityContext.runAsNonRoot", .root),
        ] as [(String, String, SidecarProblem.Permission?)]
    )
    func `is a privilege`(security: String, field: String, permission: SidecarProblem.Permission?) throws {
        let problems = try problems("{}", securityContext: security)
        #expect(problems.map(\.path.description) == [field])
        #expect(problems.map(\.permission) == [permission])
    }

    @Test func `is root that says it is none`() throws {
        #expect(
            try problems("{}", securityContext: "{runAsUser: 0, runAsNonRoot: true}").map(\.permission) == [.root, nil]
        )
    }

    @Test(arguments: [
        ("envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]", "envFrom[1].secretRef"),
        ("env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]", "env[0].valueFrom.secretKeyRef"),
    ])
    func `is a Secret where the policy denies them`(container: String, field: String) throws {
        let problem = try #require(try problems(container).first)
        #expect(problem.description == "\(field): reads Secret \"s\"; give the step what it needs in its configuration")
        #expect(problem.permission == .secrets)
    }

    // MARK: Building

    @Test func `is a warning when a plugin is built`() throws {
        let container = """
            env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]
            lifecycle: {preStop: {httpGet: {port: 1, host: h}}}
            securityContext: {allowPrivilegeEscalation: true}
            """
        let manifest = ManifestFixtures.manifest(container: container)
            .replacing("securityContext: {runAsNonRoot: true, runAsUser: 65534}\n", with: "tty: false\n")
        #expect(
            try StepPluginBuild(manifest: manifest, server: nil).warnings == [
                "spec.sidecar.container.lifecycle.preStop.httpGet.host: would have the node call another machine; "
                    + "remove it, the container itself is meant then; controllers refuse it",
                "spec.sidecar.container.securityContext.allowPrivilegeEscalation: lets a program become root; remove "
                    + "it; controllers refuse it unless their operators permit it",
                "spec.sidecar.container.securityContext.runAsUser: is not set; an image whose user is root, or has no "
                    + "number, does not start in an agent Pod, so name one",
            ]
        )
    }
}
