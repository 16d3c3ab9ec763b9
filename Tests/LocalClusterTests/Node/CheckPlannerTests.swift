import KargoCore
import Testing

@testable import LocalCluster

struct CheckPlannerTests {
    private func plan(_ fields: [String: JSONValue]) throws -> CheckPlan {
        let container = JSONValue.shell(
            "a",
            "true",
            fields.merging(["ports": [["name": "web", "containerPort": 8080]]]) { $1 }
        )
        let pod = try JSONValueDecoder().decode(Pod.self, from: .pod("p", containers: [container]))
        return try CheckPlanner(pod: pod, address: "127.64.0.9", container: pod.spec.containers[0]).plan()
    }

    @Test func `fills in the defaults of Kubernetes, the Pod's address and named ports`() throws {
        let plan = try plan([
            "readinessProbe": ["httpGet": ["port": "web", "path": "ok"]],
            "livenessProbe": ["tcpSocket": ["port": 9, "host": "h"], "periodSeconds": 2, "failureThreshold": 5],
            "lifecycle": ["preStop": ["sleep": ["seconds": 3]]],
        ])
        let page = HTTPCheck(host: "127.64.0.9", port: 8080, path: "/ok", headers: [])
        #expect(
            plan.readiness
                == ProbePlan(
                    action: .http(page),
                    initialDelaySeconds: 0,
                    timeoutSeconds: 1,
                    periodSeconds: 10,
                    successThreshold: 1,
                    failureThreshold: 3
                )
        )
        #expect(plan.liveness?.action == .tcp(host: "h", port: 9))
        #expect(plan.liveness?.periodSeconds == 2)
        #expect(plan.liveness?.failureThreshold == 5)
        #expect(plan.preStop == .sleep(3))
        #expect(plan.startup == nil)
    }

    @Test(arguments: ["nowhere", 0, 70_000] as [JSONValue])
    func `refuses a port that the container does not have`(port: JSONValue) throws {
        let error = #expect(throws: PodBlocker.self) {
            try plan(["startupProbe": ["tcpSocket": .object(["port": port])]])
        }
        #expect(error?.message.contains("startupProbe of container \"a\"") == true)
    }

    @Test func `makes no probe that it can't make`() throws {
        let plan = try plan([
            "livenessProbe": ["grpc": ["port": 1]], "readinessProbe": ["httpGet": ["port": 1, "scheme": "HTTPS"]],
        ])
        #expect(plan == CheckPlan())
    }
}
