import KargoCore
import Testing

@Suite("Pod")
struct PodTests {
    private let strict = JSONValueDecoder(unknownFields: .rejected)

    @Test func `an empty Pod has what Go always writes`() throws {
        #expect(try JSONValueEncoder().encode(Pod()) == ["metadata": [:], "spec": ["containers": []], "status": [:]])
        #expect(try strict.decode(Pod.self, from: [:]) == Pod())
    }

    private static let agent: JSONValue = [
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": [
            "name": "promotion-agent-2b7f",
            "namespace": "demo",
            "uid": "5f0c7a3e-6a54-4c39-9d52-0f1f6a1b8d11",
            "resourceVersion": "4711",
            "generation": 1,
            "creationTimestamp": "2026-11-22T19:53:00Z",
            "deletionTimestamp": "2026-11-22T20:53:00Z",
            "deletionGracePeriodSeconds": 0,
            "labels": ["app": "agent"],
            "annotations": ["note": ""],
            "ownerReferences": [
                [
                    "apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Promotion", "name": "p", "uid": "u",
                    "controller": true, "blockOwnerDeletion": false,
                ]
            ],
            "finalizers": ["example.com/hold"],
            "managedFields": [
                [
                    "manager": "kargo-controller", "operation": "Apply", "apiVersion": "v1",
                    "time": "2026-11-22T19:53:00Z", "fieldsType": "FieldsV1",
                    "fieldsV1": ["f:spec": ["f:containers": ["k:{\"name\":\"agent\"}": [".": [:]]]]],
                ]
            ],
        ],
        "spec": [
            "restartPolicy": "OnFailure",
            "terminationGracePeriodSeconds": 10,
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "securityContext": [
                "runAsNonRoot": true, "runAsUser": 65532, "fsGroup": 65532, "fsGroupChangePolicy": "OnRootMismatch",
                "supplementalGroups": [0, 7], "seccompProfile": ["type": "RuntimeDefault"],
                "sysctls": [["name": "net.ipv4.ip_unprivileged_port_start", "value": "0"]],
            ],
            "initContainers": [
                ["name": "tokens", "image": "agent:1", "args": ["init"], "resources": [:]],
                ["name": "plugin", "image": "plugin:1", "restartPolicy": "Always", "resources": [:]],
            ],
            "containers": [["name": "agent", "image": "agent:1", "resources": ["limits": ["memory": "256Mi"]]]],
            "volumes": [
                ["name": "work", "emptyDir": [:]],
                ["name": "memory", "emptyDir": ["medium": "Memory", "sizeLimit": "1Mi"]],
                [
                    "name": "settings",
                    "configMap": ["name": "settings", "items": [["key": "a", "path": "a", "mode": 0]]],
                ],
                ["name": "credentials", "secret": ["secretName": "s", "defaultMode": 256, "optional": true]],
                [
                    "name": "merged",
                    "projected": [
                        "sources": [
                            ["serviceAccountToken": ["audience": "a", "expirationSeconds": 600, "path": "token"]],
                            [
                                "downwardAPI": [
                                    "items": [["path": "labels", "fieldRef": ["fieldPath": "metadata.labels"]]]
                                ]
                            ],
                            ["configMap": ["name": "ca"]],
                            ["secret": ["name": "s", "optional": false]],
                        ]
                    ],
                ],
                ["name": "claim", "persistentVolumeClaim": ["claimName": "c"]],
                [
                    "name": "own",
                    "ephemeral": [
                        "volumeClaimTemplate": [
                            "metadata": ["labels": ["a": "b"]],
                            "spec": [
                                "accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]],
                                "storageClassName": "",
                            ],
                        ]
                    ],
                ],
                ["name": "image", "image": ["reference": "data:1", "pullPolicy": "Always"]],
                ["name": "host", "hostPath": ["path": "/var/log", "type": "Directory"]],
                ["name": "driver", "csi": ["driver": "d", "readOnly": false, "volumeAttributes": ["a": "b"]]],
                ["name": "old", "rbd": ["monitors": ["m"], "image": "i"]],
            ],
            "nodeSelector": ["kubernetes.io/os": "linux"],
            "tolerations": [
                ["key": "k", "operator": "Equal", "value": "v", "effect": "NoExecute", "tolerationSeconds": 0]
            ],
            "affinity": [
                "nodeAffinity": [
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        "nodeSelectorTerms": [
                            ["matchExpressions": [["key": "zone", "operator": "In", "values": ["a"]]]]
                        ]
                    ],
                    "preferredDuringSchedulingIgnoredDuringExecution": [["weight": 1, "preference": [:]]],
                ],
                "podAntiAffinity": [
                    "preferredDuringSchedulingIgnoredDuringExecution": [
                        [
                            "weight": 100,
                            "podAffinityTerm": [
                                "labelSelector": ["matchLabels": ["app": "agent"]], "topologyKey": "host",
                            ],
                        ]
                    ]
                ],
            ],
            "topologySpreadConstraints": [
                [
                    "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": ["matchExpressions": [["key": "app", "operator": "Exists"]]],
                ]
            ],
            "dnsPolicy": "ClusterFirst",
            "dnsConfig": ["options": [["name": "ndots", "value": "2"], ["name": "edns0"]]],
            "hostAliases": [["ip": "127.0.0.1", "hostnames": ["localhost"]]],
            "imagePullSecrets": [["name": "pull"]],
            "serviceAccountName": "agent",
            "priority": 0,
            "overhead": ["cpu": "10m"],
            "os": ["name": "linux"],
        ],
        "status": [
            "phase": "Running",
            "conditions": [
                [
                    "type": "Ready", "status": "True", "lastProbeTime": nil,
                    "lastTransitionTime": "2026-11-22T19:53:10Z",
                ]
            ],
            "hostIP": "10.0.0.1",
            "podIP": "10.1.0.7",
            "podIPs": [["ip": "10.1.0.7"]],
            "startTime": "2026-11-22T19:53:01Z",
            "qosClass": "Burstable",
            "containerStatuses": [
                [
                    "name": "agent", "ready": true, "restartCount": 0, "image": "agent:1", "imageID": "sha256:0",
                    "containerID": "containerd://1", "started": true,
                    "state": ["running": ["startedAt": "2026-11-22T19:53:09Z"]],
                    "lastState": [
                        "terminated": [
                            "exitCode": 0, "reason": "Completed", "startedAt": nil,
                            "finishedAt": "2026-11-22T19:53:08Z",
                        ]
                    ],
                ],
                [
                    "name": "waiting", "ready": false, "restartCount": 3, "image": "", "imageID": "",
                    "state": ["waiting": ["reason": "CrashLoopBackOff"]], "lastState": [:],
                ],
            ],
        ],
    ]

    @Test func `a Pod makes the round trip`() throws {
        let pod = try strict.decode(Pod.self, from: Self.agent)
        #expect(try JSONValueEncoder().encode(pod) == Self.agent)
        #expect(pod.metadata.deletionGracePeriodSeconds == 0)
        #expect(pod.spec.restartPolicy == RestartPolicy.onFailure)
        #expect(pod.spec.initContainers.map(\.restartPolicy) == [nil, RestartPolicy.always])
        #expect(pod.spec.volumes.first?.emptyDir == EmptyDirVolumeSource())
        #expect(pod.status.phase == PodPhase.running)
        #expect(pod.status.containerStatuses.first?.lastState.terminated?.exitCode == 0)
        #expect(try strict.decode(Pod.self, from: JSONValueEncoder().encode(pod)) == pod)
    }

    @Test func `a Pod built by hand reads back`() throws {
        var container = Container()
        container.name = "agent"
        container.ports = [ContainerPort()]
        container.ports[0].containerPort = 9764
        var pod = Pod()
        pod.metadata.name = "p"
        pod.spec.containers = [container]
        pod.spec.securityContext = .init()
        pod.spec.securityContext?.runAsNonRoot = true
        let json = try JSONValueEncoder().encode(pod)
        #expect(
            json == [
                "metadata": ["name": "p"],
                "spec": [
                    "containers": [["name": "agent", "ports": [["containerPort": 9764]], "resources": [:]]],
                    "securityContext": ["runAsNonRoot": true],
                ],
                "status": [:],
            ]
        )
        #expect(try strict.decode(Pod.self, from: json) == pod)
    }

    @Test(
        arguments: [
            (
                ["spec", "containers"], [["name": "a", "volumeMounts": [["name": "v", "path": "/"]]]],
                "spec.containers[0].volumeMounts[0].path"
            ),
            (
                ["spec", "volumes"], [["name": "v"], ["name": "w", "emptyDir": ["size": "1Mi"]]],
                "spec.volumes[1].emptyDir.size"
            ),
            (["spec", "restartpolicy"], "Never", "spec.restartpolicy"),
            (["spec", "affinity"], ["podAffinity": ["required": []]], "spec.affinity.podAffinity.required"),
            (["metadata", "label"], [:], "metadata.label"),
            (
                ["status", "containerStatuses"], [["state": ["stopped": [:]]]],
                "status.containerStatuses[0].state.stopped"
            ),
            (["Spec"], [:], "Spec"),
        ] as [([String], JSONValue, String)]
    )
    func `an unknown field is named with its path`(place: [String], value: JSONValue, path: String) throws {
        var json = Self.agent
        if let member = place.dropFirst().first {
            json[place[0]]?[member] = value
        } else {
            json[place[0]] = value
        }
        let error = #expect(throws: FieldError.self) { try strict.decode(Pod.self, from: json) }
        #expect(error?.description == "\(path): unknown field")
        #expect(throws: Never.self) { try JSONValueDecoder().decode(Pod.self, from: json) }
    }

    @Test func `a state or a term without members is kept`() throws {
        #expect(
            try JSONValueEncoder().encode(ContainerStatus()) == [
                "name": "", "state": [:], "lastState": [:], "ready": false, "restartCount": 0, "image": "",
                "imageID": "",
            ]
        )
        #expect(try JSONValueEncoder().encode(ContainerStateRunning()) == ["startedAt": nil])
        #expect(
            try JSONValueEncoder().encode(PodCondition()) == [
                "type": "", "status": "", "lastProbeTime": nil, "lastTransitionTime": nil,
            ]
        )
        #expect(try JSONValueEncoder().encode(PreferredSchedulingTerm()) == ["weight": 0, "preference": [:]])
    }
}
