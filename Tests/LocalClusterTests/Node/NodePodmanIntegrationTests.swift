import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A podman with a storage of its own, and an image in it that is made of a static busybox.
///
/// Its settings leave the limits of the machine alone that this user may not raise.
enum PodmanFixture {
    static let image = "localhost/kargo-test:1"

    private static let busybox = ["/bin/busybox", "/usr/bin/busybox"].first(where: FileSystem.isExecutable)

    /// Whether podman can run a container here at all.
    static let isAvailable: Bool = {
        guard busybox != nil, let podman = RuntimeKind.findPodman(path: "/usr/bin:/bin:/usr/local/bin") else {
            return false
        }
        let directory = newDirectory()
        defer { remove(directory) }
        do {
            let executable = try install(in: directory, podman: podman)
            return try run(executable, "run", "--rm", "--network", "host", image, "true") == 0
        } catch {
            return false
        }
    }()

    /// Runs the body with a podman of its own.
    static func with(_ body: (String) async throws -> Void) async throws {
        let directory = newDirectory()
        defer { remove(directory) }
        try await body(install(in: directory))
    }

    /// Short, because podman refuses to keep sockets in a directory with a path of more than fifty characters.
    private static func newDirectory() -> String {
        "/tmp/kargo-podman-\(String(UInt32.random(in: 0 ... .max), radix: 16))"
    }

    /// Makes a podman and returns its file.
    private static func install(
        in directory: String,
        podman: String = RuntimeKind.findPodman(path: "/usr/bin:/bin:/usr/local/bin") ?? ""
    ) throws -> String {
        try FileSystem.makeDirectory("\(directory)/root/bin")
        let configuration = """
            [containers]
            default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
            """
        try FileSystem.replace("\(directory)/containers.conf", with: Array(configuration.utf8))
        let runtime = FileSystem.isExecutable("/usr/sbin/runc") || FileSystem.isExecutable("/usr/bin/runc")
        let script = """
            #!/bin/sh
            export CONTAINERS_CONF=\(directory)/containers.conf
            exec \(podman) --root \(directory)/storage --runroot \(directory)/run --storage-driver vfs \
            --cgroup-manager cgroupfs --events-backend file \(runtime ? "--runtime runc" : "") "$@"
            """
        let executable = "\(directory)/podman"
        try FileSystem.replace(executable, with: Array(script.utf8), mode: 0o755)
        try FileSystem.replace(
            "\(directory)/root/bin/busybox",
            with: FileSystem.read(busybox ?? ""),
            mode: 0o755
        )
        for name in ["sh", "sleep", "cat", "echo", "true", "touch", "id", "ls"] {
            try SystemError.check("make the link \(name)") { symlink("busybox", "\(directory)/root/bin/\(name)") }
        }
        guard try run("/bin/tar", "-C", "\(directory)/root", "-cf", "\(directory)/image.tar", ".") == 0,
            try run(
                executable,
                "import",
                "--change",
                "ENTRYPOINT [\"/bin/sh\",\"-c\"]",
                "--change",
                "CMD [\"echo from the image\"]",
                "\(directory)/image.tar",
                image
            ) == 0
        else { throw LocalClusterError("the image can't be made") }
        return executable
    }

    /// Removes what is left.
    private static func remove(_ directory: String) {
        do {
            try FileSystem.remove(directory)
        } catch {
            Issue.record(error)
        }
    }

    /// Runs a program to its end.
    static func run(_ executable: String, _ arguments: String...) throws -> Int32 {
        #if os(Linux)
        let nothing = try Descriptor(open: "/dev/null", O_RDWR)
        let process = try ProcessSpawn(
            executable: executable,
            arguments: [executable] + arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            descriptors: [nothing, nothing, nothing]
        )
        .start()
        var status: Int32 = 0
        try SystemError.check("wait for \(executable)") { waitpid(process, &status, 0) }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
        #else
        throw LocalClusterError("podman runs on Linux only")
        #endif
    }
}

@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil && PodmanFixture.isAvailable, "podman can't run containers here"),
    .timeLimit(.minutes(2)),
    .serialized
)
struct NodePodmanIntegrationTests {
    private func with(_ body: @Sendable (NodeFixture, Node, String) async throws -> Void) async throws {
        try await PodmanFixture.with { podman in
            try await NodeFixture.with(podman: podman) { fixture, node in try await body(fixture, node, podman) }
        }
    }

    private func container(_ name: String, _ script: String?, _ more: [String: JSONValue] = [:]) -> JSONValue {
        var fields: [String: JSONValue] = ["name": .string(name), "image": .string(PodmanFixture.image)]
        if let script { fields["args"] = [.string(script)] }
        return .object(fields.merging(more) { $1 })
    }

    @Test func `runs a Pod from its image, with volumes, variables, limits and a user`() async throws {
        try await with { fixture, node, _ in
            try await fixture.api.add(.secrets, ["metadata": ["name": "s"], "data": ["key": "c2VjcmV0"]])
            let mount: JSONValue = ["name": "disk", "mountPath": "/workspace", "subPath": "shared"]
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    initContainers: [
                        container("init", "echo prepared > /workspace/order", ["volumeMounts": [mount]]),
                        container(
                            "helper",
                            "trap 'exit 0' TERM; echo up >> /workspace/order; while :; do sleep 0.05; done",
                            ["volumeMounts": [mount], "restartPolicy": "Always"]
                        ),
                    ],
                    containers: [
                        container(
                            "main",
                            "cat /workspace/order /s/key; echo; echo $WORD $PATH; id -u; ls -d /root /etc 2>&1; "
                                + "echo told > /dev/termination-log; exit 3",
                            [
                                "volumeMounts": [mount, ["name": "s", "mountPath": "/s"]],
                                "env": [["name": "WORD", "value": "a \"b\"\nc"]],
                                "securityContext": ["runAsUser": 1234],
                                "resources": ["limits": ["memory": "64Mi"]],
                                "readinessProbe": ["exec": ["command": ["true"]]],
                            ]
                        ),
                        container("plain", nil),
                    ],
                    volumes: [
                        ["name": "disk", "emptyDir": [:]],
                        ["name": "s", "secret": ["secretName": "s", "defaultMode": 0o444]],
                    ]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Failed")
            #expect(pod.termination(of: "init")?.reason == "Completed")
            #expect(pod.termination(of: "helper")?.exitCode == 0)
            #expect(pod.termination(of: "main")?.exitCode == 3)
            #expect(pod.termination(of: "main")?.message == "told\n")
            #expect(pod.status(of: "main")?.imageID.utf8.count == 64)
            let text = try await fixture.text(of: "main", of: pod, node)
            #expect(text.hasPrefix("prepared\nup\nsecret\na \"b\" c /"))
            // The image has neither directory, and the user is the manifest's.
            #expect(text.contains("\n1234\nls: /root: No such file or directory\n"))
            #expect(try await fixture.text(of: "plain", of: pod, node) == "from the image\n")
            #expect(fixture.reasons().isSuperset(of: ["Scheduled", "Pulled", "Created", "Started"]))
        }
    }

    @Test func `ends containers and removes them`() async throws {
        try await with { fixture, _, podman in
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    grace: 20,
                    containers: [
                        container(
                            "main",
                            "trap 'echo asked > /shared/end; exit 0' TERM; while :; do sleep 0.05; done",
                            [
                                "volumeMounts": [["name": "shared", "mountPath": "/shared"]],
                                "lifecycle": [
                                    "postStart": ["exec": ["command": ["sh", "-c", "echo x > /shared/started"]]]
                                ],
                            ]
                        )
                    ],
                    volumes: [["name": "shared", "hostPath": ["path": .string(fixture.directory.path)]]]
                )
            )
            _ = try await fixture.api.pod("p") { $0.isMet("Ready") }
            #expect(fixture.directory.contains("started"))
            #expect(try PodmanFixture.run(podman, "container", "exists", "kargo-\(uid)-main") == 0)
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            try await fixture.api.waitUntilGone("p", uid: uid)
            #expect(try fixture.directory.read("end") == "asked\n")
            #expect(try PodmanFixture.run(podman, "container", "exists", "kargo-\(uid)-main") == 1)
        }
    }

    @Test func `kills a container that does not end`() async throws {
        try await with { fixture, _, podman in
            let uid = try await fixture.api.add(
                .pods,
                .pod("p", grace: 1, containers: [container("main", "trap '' TERM; while :; do sleep 0.05; done")])
            )
            _ = try await fixture.api.pod("p") { $0.isMet("Ready") }
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            try await fixture.api.waitUntilGone("p", uid: uid)
            #expect(try PodmanFixture.run(podman, "container", "exists", "kargo-\(uid)-main") == 1)
        }
    }

    @Test func `starts a Pod again whose shim was killed, in place of the container that it left`() async throws {
        try await with { fixture, node, podman in
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "Always",
                    grace: 0,
                    containers: [container("main", "echo up; while :; do sleep 0.05; done")]
                )
            )
            let before = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let path = "\(fixture.directory(of: uid))/\(PodFile.record)"
            let shim = try #require(try StoredValue.read(PodRecord.self, from: path)?.shim)
            ProcessSignal.kill(shim.pid)
            let after = try await fixture.api.pod("p") { $0.isMet("Ready") && $0.status(of: "main")?.restartCount == 1 }
            #expect(after.status(of: "main")?.containerID != before.status(of: "main")?.containerID)
            #expect(after.status(of: "main")?.lastState.terminated?.reason == "ContainerStatusUnknown")
            #expect(try await fixture.line("u", from: "main", of: after, node) == "p")
            #expect(try PodmanFixture.run(podman, "container", "exists", "kargo-\(uid)-main") == 0)
        }
    }

    @Test func `says why a container can't be made or started`() async throws {
        try await with { fixture, _, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        container("missing", nil, ["image": "localhost/none:1", "imagePullPolicy": "Never"]),
                        container("nonsense", nil, ["image": "Not A Name"]),
                        container("nothing", nil, ["command": ["nowhere"]]),
                    ]
                )
            )
            let pod = try await fixture.api.pod("p") { pod in
                pod.status(of: "missing")?.state.waiting?.reason == "ErrImageNeverPull"
                    && pod.status(of: "nonsense")?.state.waiting?.reason == "InvalidImageName"
                    && pod.termination(of: "nothing") != nil
            }
            #expect(pod.termination(of: "nothing")?.reason == "StartError")
            #expect(pod.termination(of: "nothing")?.exitCode == 128)
            #expect(pod.termination(of: "nothing")?.message.contains("executable file not found") == true)
            #expect(fixture.reasons().contains("Failed"))
        }
    }
}
