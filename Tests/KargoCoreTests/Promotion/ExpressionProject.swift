@testable import KargoCore

/// A Project with Freight of two Warehouses, Secrets and ConfigMaps.
struct ExpressionProject {
    var promotion: PromotionContext
    let data: any ExpressionData

    init(data: any ExpressionData = ExpressionProject.objects) {
        self.data = data
        promotion = PromotionContext()
        promotion.project = "project"
        promotion.stage = "test"
        promotion.freightRequests = [Self.request("main"), Self.request("other")]
        promotion.freight.insert(Self.mainFreight)
        promotion.freight.insert(Self.otherFreight)
    }

    func evaluator(_ step: PromotionStep, vars: [ExpressionVariable] = []) -> StepEvaluator {
        var spec = PromotionSpec()
        spec.vars = vars
        return StepEvaluator(
            plan: PromotionPlan(spec, promotion: promotion, workDir: "", privateDir: ""),
            step: step,
            progress: PromotionProgress(),
            data: data,
            redactor: SecretRedactor()
        )
    }

    /// What an expression of a step gives.
    func value(_ expression: String) async throws -> JSONValue {
        let environment = try await evaluator(PromotionStep(uses: "a")).environment()
        return try await ExpressionProgram(expression).evaluate(in: environment).jsonValue()
    }

    static func request(_ warehouse: String) -> FreightRequest {
        var request = FreightRequest()
        request.origin = FreightOrigin(name: warehouse)
        return request
    }

    private static var mainFreight: FreightReference {
        var freight = FreightReference()
        freight.name = "f1"
        freight.origin = FreightOrigin(name: "main")
        var commit = GitCommit()
        commit.repoURL = "https://github.com/a/b.git"
        commit.id = "c0ffee"
        freight.commits = [commit]
        var image = Image()
        image.repoURL = "ghcr.io/a/b"
        image.tag = "1.2.3"
        image.annotations = ["a": "b"]
        freight.images = [image, Self.image("twice", tag: "m")]
        var web = Chart()
        web.repoURL = "https://charts"
        web.name = "web"
        web.version = "2.0.0"
        var oci = Chart()
        oci.repoURL = "oci://r/chart"
        oci.version = "3.0.0"
        freight.charts = [web, oci]
        var thing = ArtifactReference()
        thing.artifactType = "thing"
        thing.subscriptionName = "things"
        thing.version = "v1"
        thing.metadata = ["size": 5]
        freight.artifacts = [thing]
        return freight
    }

    private static var otherFreight: FreightReference {
        var freight = FreightReference()
        freight.name = "f2"
        freight.origin = FreightOrigin(name: "other")
        freight.images = [image("twice", tag: "o"), image("double", tag: "d")]
        return freight
    }

    private static func image(_ repository: String, tag: String) -> Image {
        var image = Image()
        image.repoURL = repository
        image.tag = tag
        return image
    }

    // MARK: Objects

    static var objects: InMemoryExpressionData {
        var data = InMemoryExpressionData()
        data.add(configMap("settings", "project", ["region": "eu"]))
        data.add(configMap("common", "kargo-shared-resources", ["domain": "example.com"]))
        data.add(secret("token", "project", ["value": "aHVudGVyMjI=", "user": "bWU="]))
        data.add(secret("broken", "project", ["value": "%"]))
        data.add(secret("ok", "kargo-shared-resources", ["value": "c2hhcmVkLW9uZQ=="], type: "generic"))
        data.add(secret("git", "kargo-shared-resources", ["value": "aHVudGVyMjI="], type: "git"))
        data.add(
            warehouse(
                "main",
                [
                    ["git": ["repoURL": "https://github.com/a/b"]], ["image": ["repoURL": "ghcr.io/a/b"]],
                    ["image": ["repoURL": "twice"]], ["chart": ["repoURL": "https://charts", "name": "web"]],
                    ["chart": ["repoURL": "oci://r/chart"]], ["thing": ["size": 5], "name": "things"],
                ]
            )
        )
        data.add(
            warehouse(
                "other",
                [
                    ["image": ["repoURL": "twice"]], ["image": ["repoURL": "double"]], ["image": ["repoURL": "double"]],
                ]
            )
        )
        data.add(freight("f1", metadata: ["ticket": "T-1", "nested": ["n": 1]]))
        data.add(freight("f2", metadata: nil))
        var stage = Stage()
        stage.metadata.name = "test"
        stage.metadata.namespace = "project"
        stage.status.metadata = ["note": "x"]
        data.add(stage)
        return data
    }

    private static func configMap(_ name: String, _ namespace: String, _ data: [String: String]) -> ConfigMap {
        var map = ConfigMap()
        map.metadata.name = name
        map.metadata.namespace = namespace
        map.data = data
        return map
    }

    private static func secret(
        _ name: String,
        _ namespace: String,
        _ data: [String: String],
        type: String? = nil
    ) -> Secret {
        var secret = Secret()
        secret.metadata.name = name
        secret.metadata.namespace = namespace
        secret.metadata.labels["kargo.akuity.io/cred-type"] = type
        secret.data = data
        return secret
    }

    private static func warehouse(_ name: String, _ subscriptions: [JSONValue]) -> Warehouse {
        let object: JSONValue = [
            "metadata": ["name": .string(name), "namespace": "project"],
            "spec": ["subscriptions": .array(subscriptions)],
        ]
        do {
            return try JSONValueDecoder().decode(Warehouse.self, from: object)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func freight(_ name: String, metadata: JSONValue?) -> Freight {
        var freight = Freight()
        freight.metadata.name = name
        freight.metadata.namespace = "project"
        freight.status.metadata = metadata
        if metadata != nil {
            let time = try? KubernetesTime("2026-01-02T03:04:05Z")
            freight.status.verifiedIn["test"] = FreightStatus.VerifiedStage(verifiedAt: time)
        }
        return freight
    }
}
