import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodeEndingIntegrationTests {
    @Test func `asks the main container to end before the sidecar, and then deletes the Pod`() async throws {
        try await NodeFixture.with { fixture, node in
            let mount: JSONValue = ["name": "work", "mountPath": "/workspace"]
            let script = { (name: String, pause: String) -> String in
                "trap '\(pause) echo \(name) >> /workspace/order; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
            }
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    grace: 30,
                    initContainers: [
                        .shell("first", script("first", ""), ["volumeMounts": [mount], "restartPolicy": "Always"]),
                        .shell("second", script("second", ""), ["volumeMounts": [mount], "restartPolicy": "Always"]),
                    ],
                    containers: [.shell("main", script("main", "sleep 0.2;"), ["volumeMounts": [mount]])],
                    volumes: [["name": "work", "hostPath": ["path": .string(fixture.directory.path)]]]
                )
            )
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            for name in ["first", "second", "main"] {
                _ = try await fixture.line("ready", from: name, of: running, node)
            }
            async let last = fixture.api.pod("p", where: \.isOver)
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            let pod = try await last
            #expect(pod.termination(of: "main")?.reason == "Completed")
            #expect(try fixture.directory.read("order") == "main\nsecond\nfirst\n")
            try await fixture.api.waitUntilGone("p", uid: uid)
        }
    }

    @Test func `kills what does not end within the grace period, descendants included`() async throws {
        try await NodeFixture.with { fixture, node in
            let deaf = "trap '' TERM; (setsid sh -c 'echo $$$$ > /workspace/daemon; exec sleep 1000' &) ; "
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    grace: 1,
                    containers: [
                        .shell(
                            "main",
                            deaf + "while ! [ -s /workspace/daemon ]; do sleep 0.01; done; "
                                + "echo daemon $(cat /workspace/daemon); while :; do sleep 0.01; done",
                            ["volumeMounts": [["name": "work", "mountPath": "/workspace"]]]
                        )
                    ],
                    volumes: [["name": "work", "emptyDir": [:]]]
                )
            )
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let daemon = try #require(Int32(try await fixture.line("daemon ", from: "main", of: running, node)))
            #expect(ProcessTable.identity(daemon) != nil)
            async let last = fixture.api.pod("p", where: \.isOver)
            let start = ContinuousClock.now
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            let pod = try await last
            #expect(ContinuousClock.now - start >= .seconds(1))
            #expect(pod.status.phase == "Failed")
            #expect(pod.termination(of: "main")?.exitCode == 137)
            #expect(pod.termination(of: "main")?.reason == "Error")
            #expect(ProcessTable.identity(daemon) == nil)
            try await fixture.api.waitUntilGone("p", uid: uid)
        }
    }

    @Test func `kills what a container leaves behind while others go on`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    initContainers: [
                        .shell("init", "sleep 1000 & echo child $!; (setsid sleep 1000 & echo daemon $!)")
                    ],
                    containers: [.shell("main", "exec sleep 1000")]
                )
            )
            let pod = try await fixture.api.pod("p") { $0.isMet("Ready") }
            for name in ["child ", "daemon "] {
                let pid = try #require(Int32(try await fixture.line(name, from: "init", of: pod, node)))
                #expect(ProcessTable.identity(pid) == nil, "\(name)")
            }
        }
    }

    @Test func `kills the Pod and removes its directory when its object is gone without a word`() async throws {
        try await NodeFixture.with { fixture, node in
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        .shell(
                            "main",
                            "trap '' TERM; mkdir /workspace/sealed; touch /workspace/sealed/x; "
                                + "chmod 000 /workspace/sealed; echo pid $$$$; while :; do sleep 0.01; done",
                            ["volumeMounts": [["name": "work", "mountPath": "/workspace"]]]
                        )
                    ],
                    volumes: [["name": "work", "emptyDir": [:]]]
                )
            )
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let pid = try #require(Int32(try await fixture.line("pid ", from: "main", of: running, node)))
            fixture.api.remove("pods", "p")
            // Another of the same name is a Pod of its own.
            let other = try await fixture.api.add(.pods, .pod("p", containers: [.shell("main", "echo other")]))
            #expect(other != uid)
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.metadata.uid == other)
            #expect(try await fixture.text(of: "main", of: pod, node) == "other\n")
            try await fixture.waitUntilRemoved(uid: uid)
            #expect(ProcessTable.identity(pid) == nil)
        }
    }

    @Test func `shortens the grace period when the Pod is deleted again`() async throws {
        try await NodeFixture.with { fixture, node in
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    grace: 1000,
                    containers: [.shell("main", "trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done")]
                )
            )
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            _ = try await fixture.line("ready", from: "main", of: running, node)
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            _ = try await fixture.line("asked", from: "main", of: running, node)
            var options = DeleteOptions()
            options.gracePeriodSeconds = 1
            try await fixture.api.delete(.pods, namespace: "default", name: "p", options: options)
            try await fixture.api.waitUntilGone("p", uid: uid)
        }
    }
}
