import KargoCore
import Testing

@testable import LocalCluster

@Suite("Bodies in protobuf")
struct ProtobufTests {
    /// A field with a text or a message.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(content.count)] + content
    }

    private static func field(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

    private static func body(_ kind: String, _ raw: [UInt8], apiVersion: String = "v1") -> [UInt8] {
        Array("k8s\0".utf8) + field(1, field(1, apiVersion) + field(2, kind)) + field(2, raw) + field(3, "")
            + field(4, "")
    }

    private static let secret = body(
        "Secret",
        // Go writes empty texts and times too.
        field(1, field(1, "s") + field(2, "") + [7 << 3, 0] + field(8, []) + field(11, field(1, "l") + field(2, "v")))
            + field(2, field(1, "k") + field(2, [0, 255])) + field(3, "Opaque") + [5 << 3, 0]
    )

    @Test func `are read like JSON`() throws {
        #expect(
            try KubernetesProtobuf.object(Self.secret) == [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s", "labels": ["l": "v"]],
                "data": ["k": "AP8="], "type": "Opaque", "immutable": false,
            ]
        )
        let lease = Self.field(2, Self.field(1, "me") + [2 << 3, 15] + Self.field(3, [1 << 3, 1, 2 << 3, 0xE8, 7]))
        #expect(
            try KubernetesProtobuf.object(Self.body("Lease", lease, apiVersion: "coordination.k8s.io/v1")) == [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                "spec": [
                    "holderIdentity": "me", "leaseDurationSeconds": 15, "acquireTime": "1970-01-01T00:00:01.000001Z",
                ],
            ]
        )
        let role = Self.field(2, Self.field(1, "get") + Self.field(2, "") + Self.field(3, "pods"))
        #expect(
            try KubernetesProtobuf.object(Self.body("Role", role))["rules"] == [
                ["verbs": ["get"], "apiGroups": [""], "resources": ["pods"]]
            ]
        )
        let options = [1 << 3, 0] + Self.field(4, "Background") + Self.field(5, "All")
        #expect(
            try KubernetesProtobuf.object(Self.body("DeleteOptions", options)) == [
                "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                "propagationPolicy": "Background", "dryRun": ["All"],
            ]
        )
    }

    @Test func `are refused where they are cut off, and where the kind is not known`() {
        // Without the last four bytes, which say nothing, it is whole.
        for end in 0..<(Self.secret.count - 4) {
            #expect((try? KubernetesProtobuf.object(Array(Self.secret[..<end])))?["data"] == nil)
        }
        #expect(throws: KubernetesProtobuf.Problem.self) {
            try KubernetesProtobuf.object(Self.body("Deployment", []))
        }
        #expect(throws: KubernetesProtobuf.Problem.self) { try KubernetesProtobuf.object(Array("{}".utf8)) }
    }
}
