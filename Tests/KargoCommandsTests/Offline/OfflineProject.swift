@testable import KargoCommands

/// The objects of a Project as files: a Stage with a task and Freight of two Warehouses.
enum OfflineProject {
    static let text = """
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Project
        metadata: {name: demo}
        ---
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Warehouse
        metadata: {name: apps, namespace: demo}
        spec:
          subscriptions:
          - image: {repoURL: nginx}
          - git: {repoURL: https://github.com/example/repo.git}
        ---
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Freight
        metadata: {name: mine, namespace: demo}
        alias: brave-otter
        origin: {kind: Warehouse, name: apps}
        images: [{repoURL: nginx, tag: 1.27.0}]
        commits: [{repoURL: https://github.com/example/repo.git, id: c0ffee}]
        status: {metadata: {ticket: 42}}
        ---
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Stage
        metadata: {name: test, namespace: demo}
        spec:
          vars: [{name: image, value: nginx}]
          requestedFreight: [{origin: {kind: Warehouse, name: apps}, sources: {direct: true}}]
          promotionTemplate:
            spec:
              vars: [{name: tag, value: '${{ imageFrom(vars.image).Tag }}'}]
              steps:
              - uses: http
                as: ping
                vars: [{name: url, value: 'http://h/${{ ctx.meta.step.alias }}'}]
              - uses: copy
                as: copy
                vars: [{name: code, value: '${{ outputs.ping.code }}'}]
              - as: deploy
                task: {name: deploy}
                vars: [{name: message, value: hello}]
        ---
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Stage
        metadata: {name: hub, namespace: demo}
        spec:
          vars: [{name: color, value: blue}]
          requestedFreight: [{origin: {kind: Warehouse, name: apps}, sources: {direct: true}}]
        ---
        apiVersion: kargo.akuity.io/v1alpha1
        kind: PromotionTask
        metadata: {name: deploy, namespace: demo}
        spec:
          vars: [{name: message}]
          steps: [{uses: fail, as: stop}]
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: creds}
        data: {user: bWU=, token: b2xk}
        stringData: {token: hunter2-hunter2}
        ---
        apiVersion: v1
        kind: Secret
        metadata:
          name: everyone
          namespace: kargo-shared-resources
          labels: {kargo.akuity.io/cred-type: generic}
        stringData: {token: t}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: config, labels: {app: web, tier: front}}
        data: {color: green}
        """

    static func manifests() throws -> [Manifest] { try Manifest.all(in: text, of: "demo.yaml") }
}
