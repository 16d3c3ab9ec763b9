import Testing

/// ServiceAccounts, their tokens, and the Pods that have them.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct KubectlAccountIntegrationTests {
    private let reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews"

    @Test(arguments: Kubectl.all)
    func `gets tokens that the cluster takes until their account goes`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("create", "serviceaccount", "robot")
            let token = try await kubectl("create", "token", "robot", "--duration=10m").filter { !$0.isNewline }
            let review = try await kubectl("--token", token, "create", "--raw", reviews, "-f", "-", input: "{}")
            #expect(review.contains("\"system:serviceaccount:default:robot\""), "\(review)")
            try await kubectl("delete", "serviceaccount", "robot")
            let refusal = try await kubectl.failing("--token", token, "get", "cm")
            #expect(refusal.contains("Unauthorized"), "\(refusal)")
            let short = try await kubectl.failing("create", "token", "default", "--duration=1m")
            #expect(short.contains("may not specify a duration less than 10 minutes"))
            let elsewhere = try await kubectl("create", "token", "default", "--audience=vault").filter { !$0.isNewline }
            let stranger = try await kubectl.failing("--token", elsewhere, "get", "cm")
            #expect(stranger.contains("Unauthorized"), "\(stranger)")
        }
    }

    /// A program that finds the API as every client does that runs in a Pod.
    private let pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: who}
        spec:
          restartPolicy: Never
          containers:
          - name: main
            image: any
            command:
            - python3
            - -c
            - |
              import json, os, ssl, urllib.request
              place = "/var/run/secrets/kubernetes.io/serviceaccount/"
              read = lambda name: open(place + name).read()
              address = "https://%s:%s" % (os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"])
              request = urllib.request.Request(address + "/apis/authentication.k8s.io/v1/selfsubjectreviews", b"{}")
              request.add_header("Authorization", "Bearer " + read("token"))
              request.add_header("Content-Type", "application/json")
              context = ssl.create_default_context(cafile=place + "ca.crt")
              user = json.load(urllib.request.urlopen(request, context=context))["status"]["userInfo"]
              print(user["username"], user["extra"]["authentication.kubernetes.io/pod-name"][0], read("namespace"))
        """

    @Test(arguments: Kubectl.all.suffix(1))
    func `runs Pods that call the cluster as their account`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("apply", "-f", "-", input: pod)
            let condition = "jsonpath={.status.phase}=Succeeded"
            let ended = try await kubectl.run(["wait", "pod/who", "--for=\(condition)", "--timeout=30s"])
            let text = try await kubectl("logs", "who")
            #expect(text == "system:serviceaccount:default:default who default\n", "\(ended.problem)")
            let described = try await kubectl("describe", "pod", "who")
            #expect(described.contains("/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-"))
            #expect(described.contains("TokenExpirationSeconds:  3607"), "\(described)")
        }
    }
}
