import Subprocess
import Testing

/// How kubectl changes and deletes objects.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct KubectlChangeIntegrationTests {
    private let blue = KubectlSession.configMap(#"{"sky":"blue"}"#)

    @Test(arguments: Kubectl.all)
    func `patches, labels, annotates and replaces`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("create", "-f", "-", input: blue)
            try await kubectl("patch", "cm", "colors", "-p", #"{"data":{"a":"1"}}"#)
            try await kubectl("patch", "cm", "colors", "--type=merge", "-p", #"{"data":{"b":"2"}}"#)
            try await kubectl(
                "patch",
                "cm",
                "colors",
                "--type=json",
                "-p",
                #"[{"op":"remove","path":"/data/sky"}]"#
            )
            #expect(try await kubectl("get", "cm", "colors", "-o", "jsonpath={.data}") == #"{"a":"1","b":"2"}"#)
            let unchanged = try await kubectl("patch", "cm", "colors", "-p", #"{"data":{"a":"1"}}"#)
            #expect(unchanged == "configmap/colors patched (no change)\n")
            let refused = try await kubectl.failing(
                "patch",
                "cm",
                "colors",
                "--type=json",
                "-p",
                #"[{"op":"test","path":"/data/a","value":"9"}]"#
            )
            #expect(refused.contains("testing value /data/a failed"))

            #expect(try await kubectl("label", "cm", "colors", "x=y") == "configmap/colors labeled\n")
            #expect(try await kubectl.failing("label", "cm", "colors", "x=z").contains("--overwrite is false"))
            #expect(try await kubectl("label", "cm", "colors", "x-") == "configmap/colors unlabeled\n")
            // 1.27 says "annotate".
            #expect(try await kubectl("annotate", "cm", "colors", "x=y z").hasPrefix("configmap/colors annotate"))

            #expect(try await kubectl("replace", "-f", "-", input: blue) == "configmap/colors replaced\n")
            let uid = try await kubectl("get", "cm", "colors", "-o", "jsonpath={.metadata.uid}")
            try await kubectl("replace", "--force", "-f", "-", input: blue)
            #expect(try await kubectl("get", "cm", "colors", "-o", "jsonpath={.metadata.uid}") != uid)
        }
    }

    @Test(arguments: Kubectl.all)
    func `edits with an editor`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("create", "-f", "-", input: blue)
            let edited = try await kubectl(
                "edit",
                "cm",
                "colors",
                environment: ["KUBE_EDITOR": "sed -i s/blue/red/"]
            )
            #expect(edited == "configmap/colors edited\n")
            #expect(try await kubectl("get", "cm", "colors", "-o", "jsonpath={.data.sky}") == "red")
            let bad = try await kubectl.run(
                ["edit", "cm", "colors"],
                environment: ["KUBE_EDITOR": "sed -i s/sky:/sk!y:/"]
            )
            #expect(!bad.succeeded)
        }
    }

    @Test(arguments: Kubectl.all)
    func `deletes with finalizers, grace and selectors`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("create", "-f", "-", input: blue)
            let dry = try await kubectl("delete", "cm", "colors", "--dry-run=server")
            #expect(dry.hasPrefix("configmap \"colors\" deleted"))
            try await kubectl("get", "cm", "colors")
            try await kubectl("patch", "cm", "colors", "--type=merge", "-p", #"{"metadata":{"finalizers":["a.b/c"]}}"#)
            try await kubectl("delete", "cm", "colors", "--wait=false")
            let mark = try await kubectl("get", "cm", "colors", "-o", "jsonpath={.metadata.deletionTimestamp}")
            #expect(mark.hasSuffix("Z"))
            let late = try await kubectl.failing("delete", "cm", "colors", "--timeout=1s")
            #expect(late.contains("timed out waiting for the condition"))
            try await kubectl("patch", "cm", "colors", "--type=merge", "-p", #"{"metadata":{"finalizers":null}}"#)
            #expect(try await kubectl("wait", "cm/colors", "--for=delete", "--timeout=20s").isEmpty)

            for name in ["a", "b", "c"] { try await kubectl("create", "configmap", name) }
            try await kubectl("label", "cm", "a", "b", "x=y")
            let selected = try await kubectl("delete", "cm", "-l", "x=y", "--cascade=foreground")
            #expect(selected.split(separator: "\n").count == 2)
            #expect(
                try await kubectl("get", "cm", "a", "b", "c", "--ignore-not-found", "-o", "name") == "configmap/c\n"
            )
            #expect(try await kubectl("delete", "cm", "a", "--ignore-not-found").isEmpty)
            let missing = try await kubectl.failing("delete", "cm", "a")
            #expect(missing == "Error from server (NotFound): configmaps \"a\" not found\n")
            try await kubectl("create", "namespace", "shop")
            try await kubectl("create", "configmap", "a", "-n", "shop")
            try await kubectl("delete", "namespace", "shop")
            #expect(try await kubectl("get", "cm", "-n", "shop", "-o", "name").isEmpty)
        }
    }
}
