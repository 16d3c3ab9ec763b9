import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodeCheckIntegrationTests {
    private static let server = """
        import http.server, os
        class H(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                ok = os.path.exists('/shared/ok') and self.path == '/ok' and self.headers['X-A'] == 'b'
                self.send_response(200 if ok else 503)
                self.end_headers()
            def log_message(self, *a): pass
        s = http.server.HTTPServer((os.environ['IP'], int(os.environ['PORT'])), H)
        print('serving', flush=True)
        s.serve_forever()
        """

    private func shared(_ fixture: NodeFixture) -> [JSONValue] {
        [["name": "shared", "hostPath": ["path": .string(fixture.directory.path)]]]
    }

    private let mounts: JSONValue = [["name": "shared", "mountPath": "/shared"]]

    @Test func `asks a container by HTTP and TCP whether it is ready`() async throws {
        try await NodeFixture.with { fixture, _ in
            let port = try Listener().port
            let env: JSONValue = [
                ["name": "PORT", "value": .string(String(port))],
                ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]],
            ]
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        [
                            "name": "web", "image": "none", "command": ["python3", "-c", .string(Self.server)],
                            "env": env, "volumeMounts": mounts,
                            "ports": [["name": "web", "containerPort": .int(Int64(port))]],
                            "startupProbe": [
                                "tcpSocket": ["port": "web"], "periodSeconds": 1, "failureThreshold": 30,
                            ],
                            "readinessProbe": [
                                "httpGet": [
                                    "port": "web", "path": "/ok", "httpHeaders": [["name": "X-A", "value": "b"]],
                                ], "periodSeconds": 1, "failureThreshold": 1,
                            ],
                        ]
                    ],
                    volumes: shared(fixture)
                )
            )
            let refusal = try await fixture.api.event("Unhealthy") { $0.message.contains("503") }
            #expect(refusal.message == "Readiness probe failed: HTTP probe failed with statuscode: 503")
            #expect(refusal.type == "Warning")
            #expect(refusal.involvedObject.fieldPath == "spec.containers{web}")
            let started = try await fixture.api.pod("p") { $0.status(of: "web")?.started == true }
            #expect(started.status(of: "web")?.ready == false)
            #expect(started.status.phase == "Running")
            try fixture.directory.write("", to: "ok")
            let ready = try await fixture.api.pod("p") { $0.isMet("Ready") }
            #expect(ready.status(of: "web")?.ready == true)
        }
    }

    @Test func `runs a probe inside the container and starts one again that fails it`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    grace: 1,
                    containers: [
                        .shell(
                            "main",
                            "[ -e /workspace/again ] && exit 0; touch /workspace/again; trap '' TERM; "
                                + "while :; do sleep 0.05; done",
                            [
                                "volumeMounts": [["name": "disk", "mountPath": "/workspace"]],
                                "env": [["name": "WORD", "value": "spoken"]],
                                "livenessProbe": [
                                    "exec": ["command": ["sh", "-c", "ls /workspace; echo $WORD; exit 1"]],
                                    "periodSeconds": 1, "failureThreshold": 1,
                                ],
                            ]
                        )
                    ],
                    volumes: [["name": "disk", "emptyDir": [:]]]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Succeeded")
            #expect(pod.status(of: "main")?.restartCount == 1)
            #expect(pod.status(of: "main")?.lastState.terminated?.exitCode == 137)
            let failure = try await fixture.api.event("Unhealthy")
            #expect(failure.message == "Liveness probe failed: again\nspoken")
            let end = try await fixture.api.event("Killing")
            #expect(end.message == "Container main failed liveness probe, will be restarted")
        }
    }

    @Test func `gives up a probe that takes too long`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        .shell(
                            "main",
                            "exec sleep 1000",
                            [
                                "livenessProbe": [
                                    "exec": ["command": ["sleep", "1001"]], "failureThreshold": 1,
                                ]
                            ]
                        )
                    ]
                )
            )
            let pod = try await fixture.api.pod("p", where: \.isOver)
            #expect(pod.status.phase == "Failed")
            #expect(pod.termination(of: "main")?.exitCode == 143)
            #expect(try await fixture.api.event("Unhealthy").message == "Liveness probe failed: no answer within 1s")
        }
    }

    @Test func `runs the hooks of a container's start and end`() async throws {
        try await NodeFixture.with { fixture, node in
            let uid = try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        .shell(
                            "main",
                            "trap 'echo asked >> /shared/order; exit 0' TERM; while :; do sleep 0.02; done",
                            [
                                "volumeMounts": mounts,
                                "lifecycle": [
                                    "postStart": [
                                        "exec": ["command": ["sh", "-c", "echo started >> /shared/order"]]
                                    ],
                                    "preStop": ["exec": ["command": ["sh", "-c", "echo stopping >> /shared/order"]]],
                                ],
                            ]
                        )
                    ],
                    volumes: shared(fixture)
                )
            )
            _ = try await fixture.api.pod("p") { $0.isMet("Ready") }
            try await fixture.api.delete(.pods, namespace: "default", name: "p")
            try await fixture.api.waitUntilGone("p", uid: uid)
            #expect(try fixture.directory.read("order") == "started\nstopping\nasked\n")
        }
    }

    @Test func `ends a Pod that has run for as long as it may`() async throws {
        try await NodeFixture.with { fixture, _ in
            var pod = JSONValue.pod("p", containers: [.shell("main", "exec sleep 1000")])
            pod[path: "spec", "activeDeadlineSeconds"] = 1
            try await fixture.api.add(.pods, pod)
            let over = try await fixture.api.pod("p", where: \.isOver)
            #expect(over.status.phase == "Failed")
            #expect(over.status.reason == "DeadlineExceeded")
            #expect(try await fixture.api.event("DeadlineExceeded").type == "Normal")
        }
    }

    @Test func `tells in Events what becomes of a Pod`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    restartPolicy: "Always",
                    containers: [.shell("main", "exit 1")],
                    volumes: [["name": "late", "configMap": ["name": "late"]]]
                )
            )
            let missing = try await fixture.api.event("FailedMount")
            #expect(missing.message.contains("configmap \"late\" not found"))
            try await fixture.api.add(.configMaps, ["metadata": ["name": "late"], "data": ["a": "1"]])
            let pause = try await fixture.api.event("BackOff")
            #expect(pause.message == "Back-off restarting failed container main in pod default/p")
            #expect(pause.source.component == "kubelet")
            let start = try await fixture.api.event("Started") { $0.count >= 2 }
            #expect(start.message == "Started container main")
            #expect(fixture.reasons().isSuperset(of: ["Scheduled", "Created", "Started", "ProcessRuntime"]))
            let scheduled = try await fixture.api.event("Scheduled")
            #expect(scheduled.source.component == "default-scheduler")
        }
    }
}
