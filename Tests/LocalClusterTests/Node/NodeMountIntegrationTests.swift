import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import LocalCluster

@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct NodeMountIntegrationTests {
    private func run(
        _ fixture: NodeFixture,
        _ node: Node,
        _ script: String,
        mounts: [JSONValue],
        volumes: [JSONValue] = [["name": "work", "emptyDir": [:]]],
        _ more: [String: JSONValue] = [:]
    ) async throws -> String {
        try await fixture.api.add(
            .pods,
            .pod(
                "p",
                containers: [.shell("main", script, more.merging(["volumeMounts": .array(mounts)]) { $1 })],
                volumes: volumes
            )
        )
        let pod = try await fixture.api.pod("p", where: \.isOver)
        #expect(pod.status.phase == "Succeeded", "\(pod.status)")
        return try await fixture.text(of: "main", of: pod, node)
    }

    @Test func `mounts volumes at paths that the machine does not get`() async throws {
        try await NodeFixture.with { fixture, node in
            let text = try await run(
                fixture,
                node,
                """
                echo a > /workspace/a; echo b > /var/run/kargo-test/b; echo c > /var/lib/kargo-test/git/c
                cat /work-1/a /work-2/b /run/kargo-test/b /work-3/c
                ls /var/lib/kargo-test; test -d /var/lib/dpkg && test -e /run/lock && test -e /dev/null && echo host
                """,
                mounts: [
                    ["name": "work", "mountPath": "/workspace", "subPath": "one"],
                    ["name": "work", "mountPath": "/var/run/kargo-test", "subPath": "two"],
                    ["name": "work", "mountPath": "/var/lib/kargo-test/git", "subPath": "three/four"],
                    ["name": "work", "mountPath": "/work-1", "subPath": "one"],
                    ["name": "work", "mountPath": "/work-2", "subPath": "two"],
                    ["name": "work", "mountPath": "/work-3", "subPath": "three/four"],
                ]
            )
            #expect(text == "a\nb\nb\nc\ngit\nhost\n")
            for path in ["/workspace", "/run/kargo-test", "/var/lib/kargo-test", "/work-1"] {
                #expect(!FileSystem.exists(path), "\(path)")
            }
        }
    }

    @Test func `lets nobody write where a mount is read-only`() async throws {
        try await NodeFixture.with { fixture, node in
            let text = try await run(
                fixture,
                node,
                """
                echo x > /rw/file
                for path in /ro/new /ro/file /settings/new /settings/one; do
                    (echo y > $path) 2> /dev/null && echo "wrote $path"
                done
                mount -o remount,rw /ro 2> /dev/null
                cat /ro/file /settings/one; echo " done"
                """,
                mounts: [
                    ["name": "work", "mountPath": "/rw"], ["name": "work", "mountPath": "/ro", "readOnly": true],
                    ["name": "settings", "mountPath": "/settings"],
                ],
                volumes: [
                    ["name": "work", "emptyDir": ["medium": "Memory"]],
                    [
                        "name": "settings",
                        "downwardAPI": ["items": [["path": "one", "fieldRef": ["fieldPath": "metadata.name"]]]],
                    ],
                ]
            )
            #expect(text == "x\np done\n")
        }
    }

    @Test func `mounts single files and volumes within volumes`() async throws {
        try await NodeFixture.with { fixture, node in
            try await fixture.api.add(
                .configMaps,
                ["metadata": ["name": "settings"], "data": ["one": "eins\n", "two": "zwei\n"]]
            )
            let text = try await run(
                fixture,
                node,
                "cat /app/etc/one /etc/kargo-test/two; ls /app /app/etc; pwd",
                mounts: [
                    ["name": "settings", "mountPath": "/app/etc/one", "subPath": "one"],
                    ["name": "settings", "mountPath": "/etc/kargo-test/two", "subPath": "two"],
                    ["name": "work", "mountPath": "/app"],
                ],
                volumes: [
                    ["name": "work", "emptyDir": [:]], ["name": "settings", "configMap": ["name": "settings"]],
                ],
                ["workingDir": "/srv/kargo-test/here"]
            )
            #expect(text == "eins\nzwei\n/app:\netc\n\n/app/etc:\none\n/srv/kargo-test/here\n")
            #expect(!FileSystem.exists("/etc/kargo-test"))
            #expect(!FileSystem.exists("/srv/kargo-test"))
        }
    }

    @Test func `says why a mount can't be made`() async throws {
        try await NodeFixture.with { fixture, _ in
            try await fixture.api.add(
                .pods,
                .pod(
                    "p",
                    containers: [
                        .shell("main", "true", ["volumeMounts": [["name": "work", "mountPath": "/etc/passwd"]]])
                    ],
                    volumes: [["name": "work", "emptyDir": [:]]]
                )
            )
            let pod = try await fixture.api.pod("p") {
                $0.status(of: "main")?.state.waiting?.reason == "CreateContainerError"
            }
            #expect(
                pod.status(of: "main")?.state.waiting?.message
                    == "/etc/passwd can't be in the container: it is a file, and not a directory"
            )
            #expect(pod.status.phase == "Pending")
        }
    }
}
