import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodeLogIntegrationTests {
    @Test func `follows a container over its restarts to its end`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    containers: [
                        .shell(
                            "main",
                            "echo begin; while ! [ -e /shared/go ]; do sleep 0.01; done; echo end; "
                                + "[ -e /shared/twice ] && exit 0; touch /shared/twice; exit 1",
                            ["volumeMounts": [["name": "shared", "mountPath": "/shared"]]]
                        )
                    ],
                    volumes: [["name": "shared", "hostPath": ["path": .string(fixture.directory.path)]]]
                )
            )
            let pod = try await fixture.api.pod("p") { $0.isMet("Ready") }
            var options = LogOptions()
            options.follow = true
            var text = ""
            try await node.logs(of: pod, container: "main", options: options) { bytes in
                try fixture.directory.write("", to: "go")
                text += String(decoding: bytes, as: UTF8.self)
            }
            #expect(text == "begin\nend\nbegin\nend\n")
        }
    }

    @Test func `reads lines of any length, and what has no end`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [.shell("main", "head -c 40000 /dev/zero | tr '\\0' x; echo; printf half")]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(
                try await fixture.text(of: "main", of: pod, node) == String(repeating: "x", count: 40_000) + "\nhalf\n"
            )
            #expect(try await fixture.text(of: "main", of: pod, node) { $0.tailLines = 1 } == "half\n")
            #expect(try await fixture.text(of: "main", of: pod, node) { $0.limitBytes = 3 } == "xxx")
            let log = try fixture.directory.read("node/pods/\(pod.metadata.uid)/logs/main/0.log")
            #expect(log.contains("Z stdout P x"))
        }
    }

    @Test func `follows a log that outgrows its file`() async throws {
        try await NodeFixture.with { fixture, node in
            // 400 000 lines of 40 bytes and the format's own are more than two files.
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        .shell(
                            "main",
                            "echo begin; while ! [ -e /shared/go ]; do sleep 0.01; done; "
                                + "yes 0123456789012345678901234567890123456789 | head -n 150000; echo end",
                            ["volumeMounts": [["name": "shared", "mountPath": "/shared"]]]
                        )
                    ],
                    volumes: [["name": "shared", "hostPath": ["path": .string(fixture.directory.path)]]]
                )
            )
            let pod = try await fixture.api.pod("p") { $0.isMet("Ready") }
            _ = try await fixture.line("begin", from: "main", of: pod, node)
            try fixture.directory.write("", to: "go")
            var options = LogOptions()
            options.follow = true
            var lines = 0
            var last: [UInt8] = []
            try await node.logs(of: pod, container: "main", options: options) { bytes in
                lines += bytes.count { $0 == UInt8(ascii: "\n") }
                last = Array(bytes.suffix(4))
            }
            #expect(lines == 150_002)
            #expect(String(decoding: last, as: UTF8.self) == "end\n")
            #expect(FileSystem.exists("\(fixture.directory(of: pod.metadata.uid))/logs/main/0.log.1"))
        }
    }

    @Test func `refuses what there is no log of`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    initContainers: [.shell("init", "exec sleep 1000")],
                    containers: [.shell("main", "true")]
                )
            )
            let pod = try await fixture.api.pod("p") { $0.status(of: "init")?.state.running != nil }
            let refusals: [(String, Bool, String)] = [
                ("other", false, "container other is not valid for pod p"),
                ("main", false, "container \"main\" in pod \"p\" is waiting to start: PodInitializing"),
                ("init", true, "previous terminated container \"init\" in pod \"p\" not found"),
            ]
            for (container, isPrevious, message) in refusals {
                var options = LogOptions()
                options.previous = isPrevious
                let error = await #expect(throws: KubernetesError.self) {
                    try await node.check(pod, container: container, options: options)
                }
                #expect(error?.code == .badRequest)
                #expect(error?.message == message)
            }
        }
    }
}
