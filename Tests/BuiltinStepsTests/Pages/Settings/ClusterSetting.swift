import KargoCore

extension PageSetting {
    /// A cluster with the Stage `test`, Freight with the alias `first`, and an Application `web` that the Stage may
    /// change, which Argo CD syncs.
    static let cluster = PageSetting(name: "cluster") { _, body in
        let applications = try InMemoryApplications(
            """
            metadata:
              name: web
              annotations: {kargo.akuity.io/authorized-stage: 'example:test'}
            spec:
              source: {repoURL: 'https://git.example.com/web.git', targetRevision: v1.0.0, path: env/test}
            status:
              health: {status: Healthy}
              sync: {status: Synced, revision: v1.0.0}
            """
        )
        applications.sync()
        var scene = PageScene()
        scene.promotion.promotionUID = "0b8f6d5e-1c1f-4e3e-8f5c-6f4a3f1f3c55"
        scene.promotion.actor = "ann@example.com"
        scene.promotion.targetFreight.name = "f9a3"
        scene.promotion.targetFreightAlias = "first"
        let objects = InMemoryControlPlane(InMemoryControlPlane.State(aliases: ["f9a3": "first"]))
        scene.capabilities = StepCapabilities(controlPlane: objects, argoCD: applications)
        scene.data = objects
        try await body(scene)
    }
}
