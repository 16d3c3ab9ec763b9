import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("What builtin steps may ask for")
struct StepAccessTests {
    /// A step as the controller sends it.
    private static func context(_ kind: String, _ config: JSONValue) -> StepContext {
        var (oci, indexed) = (Chart(), Chart())
        oci.repoURL = "oci://registry.example/charts/web"
        indexed.repoURL = "https://charts.example"
        indexed.name = "db"
        var freight = FreightReference()
        freight.name = "f1"
        freight.origin = FreightOrigin(name: "main")
        freight.charts = [oci, indexed]
        var promotion = PromotionContext()
        promotion.freight = FreightCollection(items: ["Warehouse/main": freight])
        promotion.freightRequests = ["main", "other"]
            .map { name in
                var request = FreightRequest()
                request.origin = FreightOrigin(name: name)
                return request
            }
        return StepContext(
            kind: kind,
            alias: "step-1",
            config: config,
            workDir: "/workspace",
            privateDir: "/tmp",
            sharedState: [:],
            promotion: promotion
        )
    }

    private static let freightCharts: [CapabilityGrant] = [
        .credentials(.helm, url: "oci://registry.example/charts/web"),
        .credentials(.helm, url: "https://charts.example"),
    ]

    private func registry() async throws -> StepRegistry {
        try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(), environment: [:]) { $0 }
    }

    /// A step, and what it may ask for.
    struct Case: Sendable {
        var kind: String
        var config: JSONValue
        var grants: [CapabilityGrant]

        init(_ kind: String, _ config: JSONValue, _ grants: CapabilityGrant...) {
            self.kind = kind
            self.config = config
            self.grants = grants
        }

        /// The case of a step that may also have the charts of the Freight.
        func withFreight(_ last: CapabilityGrant...) -> Case {
            var changed = self
            changed.grants += freightCharts + last
            return changed
        }
    }

    private static let repository = CapabilityGrant.credentials(.git, url: "https://git.example/a")
    private static let author: JSONValue = ["name": "a", "email": "b"]
    private static let charts: JSONValue = [
        ["repository": "oci://r.example/charts/", "name": "a", "version": "1"],
        ["repository": "https://c.example", "name": "b", "version": "1"], ["name": "c"], 5,
    ]

    private static let cases: [Case] = [
        Case("git-clone", ["repoURL": "https://git.example/a"], repository, .gitUser),
        Case("git-clone", ["repoURL": "https://git.example/a", "author": author], repository),
        Case("git-clone", ["repoURL": 5, "author": nil], .gitUser),
        Case("git-push", ["path": "src"], .credentialsOfEarlier(kind: "git-clone")),
        Case("git-push", ["repoURL": "https://git.example/b"], .credentialsOfEarlier(kind: "git-clone")),
        Case("github-push", ["path": "src"], .credentialsOfEarlier(kind: "git-clone")),
        Case("oci-download", ["imageRef": "ghcr.io/a/b:1"], .credentials(.image, url: "ghcr.io/a/b")),
        Case("oci-download", ["imageRef": "oci://ghcr.io/a/b:1"], .credentials(.helm, url: "oci://ghcr.io/a/b")),
        Case("oci-download", ["imageRef": "not a reference"]),
        Case("oci-download", [:]),
        Case(
            "oci-push",
            ["srcRef": "nginx:1", "destRef": "r.example/nginx:2"],
            .credentials(.image, url: "index.docker.io/library/nginx"),
            .credentials(.image, url: "r.example/nginx")
        ),
        Case("helm-template", ["path": "chart"]),
        Case("helm-template", ["path": "chart", "buildDependencies": "true"]),
        Case("helm-template", ["path": "chart", "buildDependencies": true])
            .withFreight(.credentialsOfEarlier(kind: "helm-update-chart")),
        Case("helm-update-chart", ["path": "chart"]).withFreight(),
        Case(
            "helm-update-chart",
            ["path": "chart", "charts": charts],
            .credentials(.helm, url: "oci://r.example/charts/a"),
            .credentials(.helm, url: "https://c.example")
        )
        .withFreight(),
        Case("kustomize-set-image", ["path": "."], .warehouse("main"), .warehouse("other")),
        Case("kustomize-set-image", ["path": ".", "images": []], .warehouse("main"), .warehouse("other")),
        Case("kustomize-set-image", ["path": ".", "images": [["image": "nginx"]]]),
    ]

    @Test(arguments: cases)
    func `is what their configuration names`(of step: Case) async throws {
        let access = try await registry().access(step.kind)
        #expect(access.place == .agent)
        #expect(access.grants(Self.context(step.kind, step.config)) == step.grants)
    }

    @Test func `is nothing for all other kinds`() async throws {
        let registry = try await registry()
        let asking = [
            "git-clone", "git-push", "github-push", "helm-template", "helm-update-chart", "kustomize-set-image",
            "oci-download", "oci-push",
        ]
        let config: JSONValue = [
            "repoURL": "https://git.example/a", "imageRef": "a/b", "buildDependencies": true, "path": "a",
        ]
        for kind in registry.kinds where !asking.contains(kind) {
            #expect(registry.access(kind).grants(Self.context(kind, config)) == [], "\(kind)")
        }
    }

    @Test func `is in the controller where they need no file of the Promotion`() async throws {
        let registry = try await registry()
        #expect(
            registry.kinds.filter { registry.access($0).place == .controller } == [
                "argocd-update", "argocd-wait", "gh-create-issue", "gh-issue-add-comment", "gh-issue-delete-comment",
                "gh-issue-update-comment", "gh-search-issues", "gh-update-issue", "gh-wait-for-issue-state",
                "gha-dispatch-workflow", "gha-wait-for-workflow", "git-merge-pr", "git-open-pr", "git-wait-for-pr",
                "record-audit-event", "set-freight-alias", "set-metadata",
            ]
        )
    }

    @Test func `is said of every kind`() async throws {
        let registry = try await registry()
        #expect(registry.kinds == BuiltinStepKinds.access.keys.sorted())
    }
}
