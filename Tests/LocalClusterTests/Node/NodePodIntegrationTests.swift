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

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodePodIntegrationTests {
    @Test func `runs init containers, a sidecar and a main container to their ends`() async throws {
        try await NodeFixture.with { fixture, _ in
            let mount: JSONValue = ["name": "disk", "mountPath": "/workspace", "subPath": "shared"]
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    initContainers: [
                        .shell("prepare", "echo prepared > /workspace/order", ["volumeMounts": [mount]]),
                        .shell(
                            "helper",
                            "echo helper >> /workspace/order; trap 'echo ended >> /workspace/order; exit 0' TERM; "
                                + "touch /workspace/ready; while :; do sleep 0.01; done",
                            ["volumeMounts": [mount], "restartPolicy": "Always"]
                        ),
                    ],
                    containers: [
                        .shell(
                            "main",
                            "while ! [ -e /workspace/ready ]; do sleep 0.01; done; echo main >> /workspace/order",
                            ["volumeMounts": [mount]]
                        )
                    ],
                    volumes: [["name": "disk", "emptyDir": [:]]]
                )
            )
            let running = try await fixture.api.pod("p") { $0.status.phase == "Running" || $0.isOver }
            #expect(running.isMet("PodScheduled"))
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Succeeded")
            #expect(pod.termination(of: "prepare")?.reason == "Completed")
            #expect(pod.termination(of: "helper")?.exitCode == 0)
            #expect(pod.termination(of: "main")?.exitCode == 0)
            #expect(pod.spec.nodeName == "local")
            let order = try fixture.directory.read("node/pods/\(pod.metadata.uid)/volumes/disk/shared/order")
            #expect(order == "prepared\nhelper\nmain\nended\n")
        }
    }

    @Test func `tells the message of a container, or the end of its output when it fails without one`() async throws {
        try await NodeFixture.with { fixture, _ in
            let fallback: [String: JSONValue] = ["terminationMessagePolicy": "FallbackToLogsOnError"]
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        .shell("message", "echo told > /dev/termination-log; exit 3", fallback),
                        .shell("output", "echo first; echo last >&2; exit 4", fallback),
                        .shell("silent", "echo first; exit 5"), .shell("fine", "echo first", fallback),
                        .shell(
                            "elsewhere",
                            "echo told > /tmp/kargo-test/message; yes | head -c 9000 >> /tmp/kargo-test/message",
                            ["terminationMessagePath": "/tmp/kargo-test/message"]
                        ),
                    ]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Failed")
            #expect(pod.termination(of: "message")?.message == "told\n")
            #expect(pod.termination(of: "message")?.exitCode == 3)
            let output = pod.termination(of: "output")?.message ?? ""
            #expect(["first\nlast\n", "last\nfirst\n"].contains(output))
            #expect(pod.termination(of: "silent")?.message == "")
            #expect(pod.termination(of: "fine")?.message == "")
            let long = pod.termination(of: "elsewhere")?.message ?? ""
            #expect(long.hasPrefix("told\ny\ny\n"))
            #expect(long.utf8.count == 4096)
            #expect(!FileSystem.exists("/dev/termination-log"))
            #expect(!FileSystem.exists("/tmp/kargo-test"))
        }
    }

    @Test func `starts a container again that failed, in the same volumes`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    containers: [
                        .shell(
                            "main",
                            "echo run; [ -e /workspace/x ] && exit 0; touch /workspace/x; exit 9",
                            ["volumeMounts": [["name": "disk", "mountPath": "/workspace"]]]
                        )
                    ],
                    volumes: [["name": "disk", "emptyDir": [:]]]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Succeeded")
            let status = try #require(pod.status(of: "main"))
            #expect(status.restartCount == 1)
            #expect(status.lastState.terminated?.exitCode == 9)
            #expect(try await fixture.text(of: "main", of: pod, node) == "run\n")
            #expect(try await fixture.text(of: "main", of: pod, node) { $0.previous = true } == "run\n")
        }
    }

    @Test func `says why a command can't be executed`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        ["name": "bare", "image": "x", "command": ["no-such-command"]],
                        ["name": "path", "image": "x", "command": ["/no/such/command-either"]],
                        ["name": "directory", "image": "x", "command": ["/usr"]],
                    ]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Failed")
            let messages = ["bare", "path", "directory"].map { pod.termination(of: $0)?.message }
            #expect(
                messages == [
                    "exec: \"no-such-command\": executable file not found in $PATH",
                    "exec \"/no/such/command-either\": No such file or directory", "exec \"/usr\": Permission denied",
                ]
            )
            #expect(pod.termination(of: "bare")?.exitCode == 128)
            #expect(pod.termination(of: "bare")?.reason == "StartError")
        }
    }

    @Test func `finds a command beside its own program where the path does not exist`() async throws {
        try await NodeFixture.with { fixture, _ in
            // Under a mount that hides the program's own directory, too.
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        ["name": "plain", "image": "x", "command": ["/kargo-controller"]],
                        [
                            "name": "hidden", "image": "x", "command": ["/app/kargo-controller"],
                            "volumeMounts": [["name": "disk", "mountPath": .string(fixture.programs)]],
                        ],
                    ],
                    volumes: [["name": "disk", "emptyDir": [:]]]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            for name in ["plain", "hidden"] {
                #expect(pod.termination(of: name)?.reason != "StartError", "\(name)")
            }
        }
    }

    @Test func `gives a container its address and its name`() async throws {
        try await NodeFixture.with { fixture, node in
            let address: JSONValue = ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [.shell("main", "echo $IP $HOSTNAME $KUBECONFIG; umask; pwd", ["env": [address]])]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.podIP.hasPrefix("127."))
            #expect(try await fixture.text(of: "main", of: pod, node) == "\(pod.status.podIP) p\n0022\n/\n")
            let events = fixture.api.all("events").filter { $0["reason"] == "ProcessRuntime" }
            #expect(events.count == 1)
            #expect(events.first?[path: "involvedObject", "uid"]?.stringValue == pod.metadata.uid)
        }
    }

    @Test func `waits for a Secret that a container needs`() async throws {
        try await NodeFixture.with { fixture, node in
            let source: JSONValue = ["secretRef": ["name": "keys"]]
            try await fixture.api.add(
                .pods,
                .pod("p", containers: [.shell("main", "echo $key", ["envFrom": [source]])])
            )
            let waiting = try await fixture.api.pod("p") { $0.status(of: "main")?.state.waiting != nil }
            #expect(waiting.status.phase == "Pending")
            #expect(waiting.status(of: "main")?.state.waiting?.reason == "CreateContainerConfigError")
            #expect(waiting.status(of: "main")?.state.waiting?.message == "secret \"keys\" not found")
            try await fixture.api.add(.secrets, ["metadata": ["name": "keys"], "data": ["key": "b3Blbg=="]])
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(try await fixture.text(of: "main", of: pod, node) == "open\n")
        }
    }

    @Test func `leaves a Pod pending whose volume it does not have`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [.shell("main", "true")],
                    volumes: [["name": "disk", "persistentVolumeClaim": ["claimName": "x"]]]
                )
            )
            let pod = try await fixture.api.pod("p") { $0.status(of: "main") != nil }
            #expect(pod.status.phase == "Pending")
            #expect(
                pod.status(of: "main")?.state.waiting?.message
                    == "volume \"disk\": type \"persistentVolumeClaim\" is not supported on a local cluster"
            )
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            try await fixture.api.waitUntilGone("p", uid: pod.metadata.uid)
        }
    }

    @Test func `starts a sidecar again that was killed, and counts it`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    initContainers: [
                        .shell("side", "echo pid $$$$; exec sleep 1000", ["restartPolicy": "Always"])
                    ],
                    containers: [.shell("main", "exec sleep 1000")]
                )
            )
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let pid = try #require(Int32(try await fixture.line("pid ", from: "side", of: running, node)))
            #expect(running.status(of: "side")?.containerID.hasPrefix("process://\(pid)-") == true)
            ProcessSignal.kill(pid)
            let again = try await fixture.api.pod("p") { $0.status(of: "side")?.restartCount == 1 && $0.isMet("Ready") }
            #expect(again.status(of: "side")?.lastState.terminated?.exitCode == 137)
            #expect(again.status(of: "side")?.lastState.terminated?.signal == 9)
            #expect(again.status(of: "main")?.restartCount == 0)
        }
    }

    @Test func `keeps the files of its own process from containers`() async throws {
        // As servers open sockets: open in every child that does not close them.
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        try #require(fstat(ends[0], &status) == 0)
        let inode = status.st_ino
        try await NodeFixture.with { fixture, _ in
            let mount: JSONValue = ["name": "disk", "mountPath": "/workspace"]
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [.shell("main", "ls -l /proc/self/fd > /workspace/files", ["volumeMounts": [mount]])],
                    volumes: [["name": "disk", "emptyDir": [:]]]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            let files = try fixture.directory.read("node/pods/\(pod.metadata.uid)/volumes/disk/files")
            #expect(files.contains(" 0 -> "))
            #expect(!files.contains("pipe:[\(inode)]"))
        }
    }
}
