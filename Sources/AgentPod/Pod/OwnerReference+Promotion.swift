import KargoCore

extension OwnerReference {
    /// Makes the reference of something that goes when a Promotion is deleted.
    init(_ promotion: Promotion) {
        self.init()
        apiVersion = KargoAPI.groupVersion
        kind = "Promotion"
        name = promotion.metadata.name
        uid = promotion.metadata.uid
        controller = true
        blockOwnerDeletion = true
    }
}
