/// The numbers of the fields, from the `generated.proto` files of k8s.io/api and k8s.io/apimachinery 1.32.
extension KubernetesProtobuf {
    /// The kinds that are read, by name; no two of them share one.
    static let messages: [String: ProtobufMessage] = [
        "Namespace": ProtobufMessage([
            1: metadata, 2: .message("spec", ProtobufMessage([1: .texts("finalizers")])),
            3: .message("status", ProtobufMessage([1: .text("phase")])),
        ]),
        "ConfigMap": ProtobufMessage([
            1: metadata, 2: .map("data"), 3: .map("binaryData", .bytes), 4: .optional("immutable", .flag),
        ]),
        "Secret": ProtobufMessage([
            1: metadata, 2: .map("data", .bytes), 3: .text("type"), 4: .map("stringData"),
            5: .optional("immutable", .flag),
        ]),
        "ServiceAccount": ProtobufMessage([
            1: metadata, 2: .list("secrets", objectReference),
            3: .list("imagePullSecrets", ProtobufMessage([1: .text("name")])),
            4: .optional("automountServiceAccountToken", .flag),
        ]),
        "Event": ProtobufMessage([
            1: metadata, 2: .message("involvedObject", objectReference), 3: .text("reason"), 4: .text("message"),
            5: .message("source", ProtobufMessage([1: .text("component"), 2: .text("host")])),
            6: .time("firstTimestamp"), 7: .time("lastTimestamp"), 8: .integer("count"), 9: .text("type"),
            10: .microTime("eventTime"),
            11: .message("series", ProtobufMessage([1: .integer("count"), 2: .microTime("lastObservedTime")])),
            12: .text("action"), 13: .message("related", objectReference), 14: .text("reportingComponent"),
            15: .text("reportingInstance"),
        ]),
        "Lease": ProtobufMessage([
            1: metadata,
            2: .message(
                "spec",
                ProtobufMessage([
                    1: .optional("holderIdentity", .text), 2: .optional("leaseDurationSeconds", .integer),
                    3: .microTime("acquireTime"), 4: .microTime("renewTime"),
                    5: .optional("leaseTransitions", .integer), 6: .optional("strategy", .text),
                    7: .optional("preferredHolder", .text),
                ])
            ),
        ]),
        "Role": ProtobufMessage([1: metadata, 2: .list("rules", policyRule)]),
        "ClusterRole": ProtobufMessage([1: metadata, 2: .list("rules", policyRule), 3: aggregationRule]),
        "RoleBinding": binding,
        "ClusterRoleBinding": binding,
        "SelfSubjectAccessReview": ProtobufMessage([
            1: metadata, 2: .message("spec", ProtobufMessage([1: resourceAttributes, 2: nonResourceAttributes])),
        ]),
        "SubjectAccessReview": ProtobufMessage([1: metadata, 2: .message("spec", subjectAccess)]),
        "LocalSubjectAccessReview": ProtobufMessage([1: metadata, 2: .message("spec", subjectAccess)]),
        "SelfSubjectRulesReview": ProtobufMessage([
            1: metadata, 2: .message("spec", ProtobufMessage([1: .text("namespace")])),
        ]),
        "SelfSubjectReview": ProtobufMessage([1: metadata]),
        "TokenReview": ProtobufMessage([
            1: metadata, 2: .message("spec", ProtobufMessage([1: .text("token"), 2: .texts("audiences")])),
        ]),
        "TokenRequest": ProtobufMessage([
            1: metadata,
            2: .message(
                "spec",
                ProtobufMessage([
                    1: .texts("audiences"),
                    3: .message(
                        "boundObjectRef",
                        ProtobufMessage([1: .text("kind"), 2: .text("apiVersion"), 3: .text("name"), 4: .text("uid")])
                    ),
                    4: .optional("expirationSeconds", .integer),
                ])
            ),
        ]),
        "Eviction": ProtobufMessage([1: metadata, 2: .message("deleteOptions", deleteOptions)]),
        "DeleteOptions": deleteOptions,
    ]

    private static let deleteOptions = ProtobufMessage([
        1: .optional("gracePeriodSeconds", .integer),
        2: .message(
            "preconditions",
            ProtobufMessage([1: .optional("uid", .text), 2: .optional("resourceVersion", .text)])
        ),
        3: .optional("orphanDependents", .flag), 4: .optional("propagationPolicy", .text), 5: .texts("dryRun"),
    ])

    private typealias Field = ProtobufMessage.Field

    private static let metadata = Field.message(
        "metadata",
        ProtobufMessage([
            1: .text("name"), 2: .text("generateName"), 3: .text("namespace"), 4: .text("selfLink"), 5: .text("uid"),
            6: .text("resourceVersion"), 7: .integer("generation"), 8: .time("creationTimestamp"),
            9: .time("deletionTimestamp"), 10: .optional("deletionGracePeriodSeconds", .integer), 11: .map("labels"),
            12: .map("annotations"), 13: .list("ownerReferences", ownerReference), 14: .texts("finalizers"),
            17: .list("managedFields", managedFields),
        ])
    )

    private static let ownerReference = ProtobufMessage([
        1: .text("kind"), 3: .text("name"), 4: .text("uid"), 5: .text("apiVersion"),
        6: .optional("controller", .flag), 7: .optional("blockOwnerDeletion", .flag),
    ])

    private static let managedFields = ProtobufMessage([
        1: .text("manager"), 2: .text("operation"), 3: .text("apiVersion"), 4: .time("time"), 6: .text("fieldsType"),
        7: .optional("fieldsV1", .json), 8: .text("subresource"),
    ])

    private static let objectReference = ProtobufMessage([
        1: .text("kind"), 2: .text("namespace"), 3: .text("name"), 4: .text("uid"), 5: .text("apiVersion"),
        6: .text("resourceVersion"), 7: .text("fieldPath"),
    ])

    private static let policyRule = ProtobufMessage([
        1: .texts("verbs"), 2: .texts("apiGroups"), 3: .texts("resources"), 4: .texts("resourceNames"),
        5: .texts("nonResourceURLs"),
    ])

    private static let aggregationRule = Field.message(
        "aggregationRule",
        ProtobufMessage([1: .list("clusterRoleSelectors", labelSelector)])
    )

    private static let labelSelector = ProtobufMessage([
        1: .map("matchLabels"), 2: .list("matchExpressions", requirement),
    ])

    private static let requirement = ProtobufMessage([1: .text("key"), 2: .text("operator"), 3: .texts("values")])

    private static let binding = ProtobufMessage([
        1: metadata,
        2: .list(
            "subjects",
            ProtobufMessage([1: .text("kind"), 2: .text("apiGroup"), 3: .text("name"), 4: .text("namespace")])
        ),
        3: .message("roleRef", ProtobufMessage([1: .text("apiGroup"), 2: .text("kind"), 3: .text("name")])),
    ])

    private static let resourceAttributes = Field.message(
        "resourceAttributes",
        ProtobufMessage([
            1: .text("namespace"), 2: .text("verb"), 3: .text("group"), 4: .text("version"), 5: .text("resource"),
            6: .text("subresource"), 7: .text("name"), 8: selector("fieldSelector"), 9: selector("labelSelector"),
        ])
    )

    private static func selector(_ name: String) -> Field {
        .message(name, ProtobufMessage([1: .text("rawSelector"), 2: .list("requirements", requirement)]))
    }

    private static let nonResourceAttributes = Field.message(
        "nonResourceAttributes",
        ProtobufMessage([1: .text("path"), 2: .text("verb")])
    )

    private static let subjectAccess = ProtobufMessage([
        1: resourceAttributes, 2: nonResourceAttributes, 3: .text("user"), 4: .texts("groups"),
        6: .text("uid"),
    ])
}
