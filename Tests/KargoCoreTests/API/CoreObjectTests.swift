import KargoCore
import Testing

@Suite("Objects of core/v1, meta/v1 and coordination.k8s.io")
struct CoreObjectTests {
    private let strict = JSONValueDecoder(unknownFields: .rejected)

    private func roundTrip<Object: Codable & Equatable>(_ type: Object.Type, _ json: JSONValue) throws -> Object {
        let object = try strict.decode(type, from: json)
        #expect(try JSONValueEncoder().encode(object) == json)
        return object
    }

    @Test func `empty objects have what Go always writes`() throws {
        let encoder = JSONValueEncoder()
        #expect(try encoder.encode(ConfigMap()) == ["metadata": [:]])
        #expect(try encoder.encode(Secret()) == ["metadata": [:]])
        #expect(try encoder.encode(ServiceAccount()) == ["metadata": [:]])
        #expect(try encoder.encode(Namespace()) == ["metadata": [:], "spec": [:], "status": [:]])
        #expect(try encoder.encode(Lease()) == ["metadata": [:], "spec": [:]])
        #expect(
            try encoder.encode(Event()) == [
                "metadata": [:], "involvedObject": [:], "source": [:], "firstTimestamp": nil, "lastTimestamp": nil,
                "eventTime": nil, "reportingComponent": "", "reportingInstance": "",
            ]
        )
        #expect(try encoder.encode(Status()) == ["metadata": [:]])
        #expect(try encoder.encode(DeleteOptions()) == [:])
        #expect(try encoder.encode(LabelSelector()) == [:])
        #expect(
            try encoder.encode(Condition()) == [
                "type": "", "status": "", "lastTransitionTime": nil, "reason": "", "message": "",
            ]
        )
        #expect(try encoder.encode(OwnerReference()) == ["apiVersion": "", "kind": "", "name": "", "uid": ""])
        #expect(try encoder.encode(TypedLocalObjectReference()) == ["apiGroup": nil, "kind": "", "name": ""])
    }

    @Test func `a ConfigMap makes the round trip`() throws {
        let map = try roundTrip(
            ConfigMap.self,
            [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "plugin"], "immutable": false,
                "data": ["sidecar.container": "name: plugin\n", "empty": ""], "binaryData": ["b": "AAE="],
            ]
        )
        #expect(map.data["empty"] == "")
    }

    @Test func `a Secret makes the round trip and gives bytes`() throws {
        let secret = try roundTrip(
            Secret.self,
            [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"], "type": "Opaque",
                "data": ["token": "aGVsbG8=", "binary": "AP8=", "empty": "", "broken": "%%%%", "short": "aGVsbG8"],
                "stringData": ["user": "me"],
            ]
        )
        #expect(try secret.bytes(forKey: "token") == Array("hello".utf8))
        #expect(try secret.bytes(forKey: "binary") == [0, 255])
        #expect(try secret.bytes(forKey: "empty") == [])
        #expect(try secret.bytes(forKey: "none") == nil)
        let error = #expect(throws: ValueError.self) { try secret.bytes(forKey: "broken") }
        #expect(error?.message == "key \"broken\" of the Secret's data is not base64")
        #expect(throws: ValueError.self) { try secret.bytes(forKey: "short") }
    }

    @Test func `base64 may be wrapped`() throws {
        var secret = Secret()
        secret.data = ["k": "aGVs\nbG8=\r\n"]
        #expect(try secret.bytes(forKey: "k") == Array("hello".utf8))
    }

    @Test func `a Namespace and a ServiceAccount make the round trip`() throws {
        _ = try roundTrip(
            Namespace.self,
            [
                "metadata": ["name": "demo"], "spec": ["finalizers": ["kubernetes"]],
                "status": [
                    "phase": "Terminating",
                    "conditions": [["type": "T", "status": "True", "lastTransitionTime": nil, "reason": "R"]],
                ],
            ]
        )
        _ = try roundTrip(
            ServiceAccount.self,
            [
                "metadata": ["name": "agent"], "secrets": [["name": "s"]], "imagePullSecrets": [["name": "pull"]],
                "automountServiceAccountToken": false,
            ]
        )
    }

    @Test func `an Event makes the round trip`() throws {
        let event = try roundTrip(
            Event.self,
            [
                "apiVersion": "v1", "kind": "Event", "metadata": ["name": "p.1", "namespace": "demo"],
                "involvedObject": [
                    "kind": "Pod", "namespace": "demo", "name": "p", "uid": "u", "apiVersion": "v1",
                    "resourceVersion": "1", "fieldPath": "spec.containers{agent}",
                ],
                "reason": "Started", "message": "m", "source": ["component": "kubelet", "host": "n"],
                "firstTimestamp": "2026-11-22T19:53:00Z", "lastTimestamp": "2026-11-22T19:54:00Z", "count": 2,
                "type": "Normal", "eventTime": "2026-11-22T19:53:00.000001Z",
                "series": ["count": 2, "lastObservedTime": "2026-11-22T19:54:00.500000Z"], "action": "Binding",
                "related": [:], "reportingComponent": "kubelet", "reportingInstance": "n",
            ]
        )
        #expect(event.eventTime?.microsecondsSince1970 == 1_795_377_180_000_001)
    }

    @Test func `a Lease makes the round trip`() throws {
        let lease = try roundTrip(
            Lease.self,
            [
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": ["name": "leader"],
                "spec": [
                    "holderIdentity": "", "leaseDurationSeconds": 15, "acquireTime": "2026-11-22T19:53:00.000000Z",
                    "renewTime": "2026-11-22T19:53:05.250000Z", "leaseTransitions": 0,
                    "strategy": "OldestEmulationVersion",
                    "preferredHolder": "b",
                ],
            ]
        )
        #expect(lease.spec.holderIdentity == "")
        #expect(lease.spec.leaseTransitions == 0)
    }

    @Test func `a Status makes the round trip`() throws {
        let status = try roundTrip(
            Status.self,
            [
                "apiVersion": "v1", "kind": "Status", "metadata": ["resourceVersion": "7", "continue": "c"],
                "status": "Failure", "message": "no", "reason": "Invalid", "code": 422,
                "details": [
                    "name": "p", "group": "g", "kind": "pods", "uid": "u", "retryAfterSeconds": 1,
                    "causes": [["reason": "FieldValueRequired", "message": "required", "field": "spec.containers"]],
                ],
            ]
        )
        #expect(status.metadata.continue == "c")
        #expect(status.details?.causes.first?.field == "spec.containers")
    }

    @Test func `delete options make the round trip`() throws {
        let options = try roundTrip(
            DeleteOptions.self,
            [
                "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                "preconditions": ["uid": "u", "resourceVersion": ""], "orphanDependents": false,
                "propagationPolicy": "Foreground", "dryRun": ["All"],
            ]
        )
        #expect(options.gracePeriodSeconds == 0)
    }

    @Test func `a label selector and a condition make the round trip`() throws {
        let selector = try roundTrip(
            LabelSelector.self,
            [
                "matchLabels": ["a": ""],
                "matchExpressions": [
                    ["key": "b", "operator": "NotIn", "values": ["1"]], ["key": "c", "operator": "Exists"],
                ],
            ]
        )
        #expect(selector.matchExpressions.map(\.operator) == ["NotIn", "Exists"])
        _ = try roundTrip(
            Condition.self,
            [
                "type": "Ready", "status": "True", "observedGeneration": 3, "reason": "R", "message": "",
                "lastTransitionTime": "2026-11-22T19:53:00Z",
            ]
        )
    }
}
