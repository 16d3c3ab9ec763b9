import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodeAdoptionIntegrationTests {
    /// A Pod that says which run it is and then waits for a file `go` in the fixture's directory.
    private func waiting(_ fixture: NodeFixture, restartPolicy: String = "Never") -> JSONValue {
        .pod(
            "p",
            restartPolicy: restartPolicy,
            grace: 30,
            initContainers: [
                .shell("init", "echo init >> /job/init", ["volumeMounts": [["name": "w", "mountPath": "/job"]]])
            ],
            containers: [
                .shell(
                    "main",
                    "echo x >> /job/runs; echo pid $$$$; trap 'exit 143' TERM; "
                        + "while ! [ -e /shared/go ]; do sleep 0.01; done; cat /job/runs /job/init",
                    [
                        "volumeMounts": [
                            ["name": "w", "mountPath": "/job"], ["name": "shared", "mountPath": "/shared"],
                        ]
                    ]
                )
            ],
            volumes: [
                ["name": "w", "emptyDir": [:]],
                ["name": "shared", "hostPath": ["path": .string(fixture.directory.path)]],
            ]
        )
    }

    private func shim(of pod: Pod, _ fixture: NodeFixture) throws -> ProcessIdentity {
        let path = "\(fixture.directory(of: pod.metadata.uid))/\(PodFile.record)"
        return try #require(try StoredValue.read(PodRecord.self, from: path)?.shim)
    }

    @Test func `takes over a Pod that runs`() async throws {
        try await ScopedDirectory.with { directory in
            let fixture = NodeFixture(directory: directory)
            try await fixture.run(endsPods: false) { node in
                try await fixture.api.add(.pods, waiting(fixture))
                let pod = try await fixture.api.pod("p") { $0.isMet("Ready") }
                _ = try await fixture.line("pid ", from: "main", of: pod, node)
            }
            let before = try #require(try fixture.api.current("p"))
            #expect(ProcessTable.isAlive(try shim(of: before, fixture)))
            try await fixture.run { node in
                try directory.write("", to: "go")
                let pod = try await fixture.api.pod("p", where: \.isOver)
                #expect(pod.status.phase == "Succeeded")
                #expect(pod.status(of: "main")?.containerID == before.status(of: "main")?.containerID)
                #expect(try await fixture.text(of: "main", of: pod, node).hasSuffix("\nx\ninit\n"))
            }
        }
    }

    @Test func `reports what happened while there was no node`() async throws {
        try await ScopedDirectory.with { directory in
            let fixture = NodeFixture(directory: directory)
            try await fixture.run(endsPods: false) { node in
                try await fixture.api.add(.pods, waiting(fixture))
                let pod = try await fixture.api.pod("p") { $0.isMet("Ready") }
                _ = try await fixture.line("pid ", from: "main", of: pod, node)
            }
            let before = try #require(try fixture.api.current("p"))
            let shim = try shim(of: before, fixture)
            try directory.write("", to: "go")
            ShimProcess.waitUntilEnded(shim)
            try await fixture.run { _ in
                let pod = try await fixture.api.pod("p", where: \.isOver)
                #expect(pod.status.phase == "Succeeded")
                #expect(pod.termination(of: "main")?.exitCode == 0)
            }
        }
    }

    @Test func `kills a Pod whose object went while there was no node`() async throws {
        try await ScopedDirectory.with { directory in
            let fixture = NodeFixture(directory: directory)
            try await fixture.run(endsPods: false) { _ in
                try await fixture.api.add(.pods, waiting(fixture))
                _ = try await fixture.api.pod("p") { $0.isMet("Ready") }
            }
            let before = try #require(try fixture.api.current("p"))
            let shim = try shim(of: before, fixture)
            fixture.api.remove("pods", "p")
            try await fixture.run { _ in
                try await fixture.waitUntilRemoved(uid: before.metadata.uid)
                #expect(!ProcessTable.isAlive(shim))
            }
        }
    }

    @Test func `fails a Pod that is not started again when its shim is killed`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(.pods, waiting(fixture))
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let pid = try #require(Int32(try await fixture.line("pid ", from: "main", of: running, node)))
            ProcessSignal.kill(try shim(of: running, fixture).pid)
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Failed")
            #expect(pod.termination(of: "main")?.exitCode == 137)
            #expect(pod.termination(of: "main")?.reason == "ContainerStatusUnknown")
            #expect(ProcessTable.identity(pid) == nil)
        }
    }

    @Test func `starts a Pod again in its volumes when its shim is killed, init containers included`() async throws {
        try await NodeFixture.with { fixture, node in
            let uid = try await fixture.api.add(.pods, waiting(fixture, restartPolicy: "OnFailure"))
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let pid = try #require(Int32(try await fixture.line("pid ", from: "main", of: running, node)))
            // What the container has started does not die with it.
            ProcessSignal.kill(try shim(of: running, fixture).pid)
            let again = try await fixture.api.pod("p") { $0.status(of: "main")?.restartCount == 1 && $0.isMet("Ready") }
            #expect(again.status(of: "main")?.lastState.terminated?.exitCode == 137)
            #expect(again.status(of: "init")?.restartCount == 1)
            #expect(again.status.podIP == running.status.podIP)
            #expect(ProcessTable.identity(pid) == nil)
            try fixture.directory.write("", to: "go")
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.metadata.uid == uid)
            #expect(pod.status.phase == "Succeeded")
            #expect(try await fixture.text(of: "main", of: pod, node).hasSuffix("\nx\nx\ninit\ninit\n"))
        }
    }

    @Test func `kills descendants that outlived their shim`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .pods,
                .pod("p", containers: [.shell("main", "setsid sleep 1000 & echo pid $!; exec sleep 1000")])
            )
            let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
            let pid = try #require(Int32(try await fixture.line("pid ", from: "main", of: running, node)))
            let identity = try #require(ProcessTable.identity(pid))
            ProcessSignal.kill(try shim(of: running, fixture).pid)
            _ = try await fixture.api.pod("p", where: \.isOver)
            #expect(!ProcessTable.isAlive(identity))
        }
    }

    @Test func `ends all Pods with the cluster and goes on with them afterwards`() async throws {
        try await ScopedDirectory.with { directory in
            let fixture = NodeFixture(directory: directory)
            try await fixture.run(endsPods: false) { node in
                try await fixture.api.add(.pods, waiting(fixture, restartPolicy: "OnFailure"))
                let running = try await fixture.api.pod("p") { $0.isMet("Ready") }
                _ = try await fixture.line("pid ", from: "main", of: running, node)
                await node.stopAll()
                let pod = try #require(try fixture.api.current("p"))
                #expect(!ProcessTable.isAlive(try shim(of: pod, fixture)))
                #expect(pod.status.phase == "Running")
                #expect(!pod.isMet("Ready"))
                #expect(pod.termination(of: "main")?.exitCode == 143)
            }
            try await fixture.run { node in
                let again = try await fixture.api.pod("p") { $0.isMet("Ready") }
                #expect(again.status(of: "main")?.restartCount == 1)
                try directory.write("", to: "go")
                let pod = try await fixture.api.pod("p", where: \.isOver)
                #expect(try await fixture.text(of: "main", of: pod, node).hasSuffix("\nx\nx\ninit\ninit\n"))
            }
        }
    }

    @Test func `refuses a directory that another node uses`() async throws {
        try await NodeFixture.with { fixture, _ in
            _ = try await fixture.api.add(.pods, .pod("p", containers: [.shell("main", "true")]))
            _ = try await fixture.api.pod("p", where: \.isOver)
            let second = NodeFixture(directory: fixture.directory)
            await #expect(throws: LocalClusterError.self) { try await second.run { _ in } }
        }
    }
}
