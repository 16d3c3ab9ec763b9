import KargoCore

extension OwnerReference {
    /// Makes the reference of something that goes when a Promotion is deleted.
    ///
    /// It does not block the deletion of its owner: where OwnerReferencesPermissionEnforcement is on, as on OpenShift,
    /// that takes the right to update the finalizers of Promotions.
    init(_ promotion: Promotion) {
        self.init()
        apiVersion = KargoAPI.groupVersion
        kind = "Promotion"
        name = promotion.metadata.name
        uid = promotion.metadata.uid
        controller = true
    }
}
