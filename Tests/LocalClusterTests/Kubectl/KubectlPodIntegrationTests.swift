import Subprocess
import Testing

/// What kubectl does with Pods, and how it waits.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct KubectlPodIntegrationTests {
    private let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: talk, labels: {app: talk}}
        spec:
          restartPolicy: Never
          containers:
          - {name: one, image: any, command: [sh, -c, "echo 1a; echo 1b"]}
          - {name: two, image: any, command: [sh, -c, "echo 2a"]}
        """

    @Test(arguments: Kubectl.all)
    func `shows what Pods write`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("apply", "-f", "-", input: pod)
            try await kubectl("wait", "pod/talk", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=30s")
            #expect(try await kubectl("logs", "talk", "-c", "one") == "1a\n1b\n")
            #expect(try await kubectl("logs", "talk", "-c", "one", "-f", "--tail=1") == "1b\n")
            #expect(try await kubectl("logs", "talk", "-c", "one", "--limit-bytes=2") == "1a")
            #expect(try await kubectl("logs", "talk", "-c", "one", "--since=1h") == "1a\n1b\n")
            let stamped = try await kubectl("logs", "talk", "-c", "two", "--timestamps")
            #expect(stamped.hasSuffix("Z 2a\n"))
            let all = try await kubectl("logs", "-l", "app=talk", "--all-containers", "--prefix")
            #expect(
                Set(all.split(separator: "\n")) == [
                    "[pod/talk/one] 1a", "[pod/talk/one] 1b", "[pod/talk/two] 2a",
                ]
            )
            #expect(try await kubectl.failing("logs", "talk", "-c", "none").contains("container none is not valid"))
            #expect(
                try await kubectl.failing("logs", "talk", "-c", "one", "--previous")
                    .contains("previous terminated container \"one\" in pod \"talk\" not found")
            )
            let described = try await kubectl("describe", "pod", "talk")
            #expect(described.contains("Status:           Succeeded") && described.contains("ProcessRuntime"))
            #expect(cells(try await kubectl("get", "pods", "-o", "wide"))[1].prefix(3) == ["talk", "0/2", "Completed"])
            #expect(try await kubectl("get", "all", "-o", "name") == "pod/talk\n")
            #expect(try await kubectl("get", "pods", "--field-selector=status.phase=Failed", "-o", "name").isEmpty)
            #expect(try await kubectl("get", "events").contains("pod/talk"))
            #expect(try await kubectl("delete", "pod", "talk", "--grace-period=0", "--force").contains("deleted"))
        }
    }

    @Test(arguments: Kubectl.all)
    func `runs Pods and shows what they wrote before they were restarted`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let script = "test -e ran && { echo second; sleep 60; }; touch ran; echo first; exit 1"
            let volumes =
                #"{"spec":{"containers":[{"name":"twice","image":"any","workingDir":"/scratch","command":["sh","-c","\#(script)"],"volumeMounts":[{"name":"v","mountPath":"/scratch"}]}],"volumes":[{"name":"v","emptyDir":{}}]}}"#
            let created = try await kubectl("run", "twice", "--image=any", "--overrides", volumes)
            #expect(created == "pod/twice created\n")
            let condition = "jsonpath={.status.containerStatuses[0].restartCount}=1"
            try await kubectl("wait", "pod/twice", "--for=\(condition)", "--timeout=60s")
            #expect(try await kubectl("logs", "twice", "--previous") == "first\n")
            try await kubectl("wait", "pod/twice", "--for=condition=Ready", "--timeout=60s")
            try await kubectl("delete", "pod", "twice", "--grace-period=1")
        }
    }

    @Test(arguments: Kubectl.all)
    func `waits for conditions, values and ends`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let crd = try await kubectl("wait", "crd/stages.kargo.akuity.io", "--for=condition=Established")
            #expect(crd.hasSuffix("condition met\n"))
            try await kubectl("create", "configmap", "c", "--from-literal=a=b")
            let met = try await kubectl("wait", "cm/c", "--for=jsonpath={.data.a}=b", "--timeout=5s")
            #expect(met == "configmap/c condition met\n")
            let late = try await kubectl.failing("wait", "cm/c", "--for=jsonpath={.data.a}=x", "--timeout=1s")
            #expect(late == "error: timed out waiting for the condition on configmaps/c\n")
            let there = try await kubectl.failing("wait", "cm/c", "--for=delete", "--timeout=1s")
            // Some versions complain of the short watch before.
            #expect(there.hasSuffix("error: timed out waiting for the condition on configmaps/c\n"))
            async let gone = kubectl("wait", "cm/c", "--for=delete", "--timeout=30s")
            try await kubectl("delete", "cm", "c")
            _ = try await gone
        }
    }
}
