import KargoCore

/// Kinds of Kubernetes whose objects are in no namespace.
enum ClusterScope {
    private static let kinds: [String: Set<String>] = [
        "": ["ComponentStatus", "Namespace", "Node", "PersistentVolume"],
        "admissionregistration.k8s.io": [
            "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        ],
        "apiextensions.k8s.io": ["CustomResourceDefinition"],
        "apiregistration.k8s.io": ["APIService"],
        "authentication.k8s.io": ["SelfSubjectReview", "TokenReview"],
        "authorization.k8s.io": ["SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
        "certificates.k8s.io": ["CertificateSigningRequest", "ClusterTrustBundle"],
        "flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
        "networking.k8s.io": ["IngressClass", "IPAddress", "ServiceCIDR"],
        "node.k8s.io": ["RuntimeClass"],
        "policy": ["PodSecurityPolicy"],
        "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
        "resource.k8s.io": ["DeviceClass", "ResourceSlice"],
        "scheduling.k8s.io": ["PriorityClass"],
        "storage.k8s.io": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    ]

    static func contains(kind: String, group: String) -> Bool { kinds[group]?.contains(kind) == true }
}
