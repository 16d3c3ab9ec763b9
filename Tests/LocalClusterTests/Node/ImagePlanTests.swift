import KargoCore
import Testing

@testable import LocalCluster

struct ImagePlanTests {
    private func plan(_ fields: [String: JSONValue], pod: [String: JSONValue] = [:]) throws -> ImagePlan {
        var manifest = JSONValue.pod("p", containers: [.shell("a", "true", fields)])
        for (name, value) in pod { manifest[path: "spec", name] = value }
        let spec = try JSONValueDecoder().decode(Pod.self, from: manifest).spec
        return ImagePlan(spec.containers[0], of: spec, environment: ["HOSTNAME": "p", "A": "1"])
    }

    @Test(arguments: [
        ("busybox", "", "always"), ("busybox:latest", "", "always"), ("host:5000/busybox:1", "", "missing"),
        ("host:5000/busybox", "", "always"), ("busybox@sha256:00", "", "missing"), ("busybox:1", "Always", "always"),
        ("busybox", "IfNotPresent", "missing"), ("busybox", "Never", "never"),
    ])
    func `pulls when Kubernetes would`(image: String, policy: String, result: String) throws {
        let plan = try plan(["image": .string(image), "imagePullPolicy": .string(policy)])
        #expect(plan.pullPolicy == result)
        #expect(plan.name == image)
    }

    @Test func `tells podman of users, rights and limits`() throws {
        let plan = try plan(
            [
                "securityContext": [
                    "runAsUser": 1000, "capabilities": ["drop": ["ALL"], "add": ["CHOWN"]],
                    "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
                ],
                "resources": ["limits": ["memory": "64Mi", "cpu": "250m"]],
            ],
            pod: ["securityContext": ["runAsUser": 1, "runAsGroup": 2, "fsGroup": 3]]
        )
        #expect(
            plan.options.joined(separator: " ")
                == "--hostname p --user 1000:2 --group-add 3 --cap-drop ALL --cap-add CHOWN --read-only "
                + "--read-only-tmpfs=false --security-opt no-new-privileges --memory 67108864b --cpu-period 100000 "
                + "--cpu-quota 25000"
        )
        #expect(plan.environment == ["A": "1"])
    }
}
