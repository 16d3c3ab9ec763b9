import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("kustomize-set-image")
struct KustomizeSetImageStepTests {
    @Test(
        arguments: [
            ([:], "(root): path is required"),
            (["path": ""], "path: String length must be greater than or equal to 1"),
            (["path": ".", "images": [[:]]], "images.0: image is required"),
            (["path": ".", "images": [["image": "a"]]], "images.0: Must validate one and only one schema (oneOf)"),
            (
                ["path": ".", "images": [["image": "a", "tag": "x", "digest": "y"]]],
                "images.0: Must validate one and only one schema (oneOf)"
            ),
            (
                ["path": ".", "images": [["image": "a", "tag": nil]]],
                "images.0: Must validate one and only one schema (oneOf)"
            ),
            (
                ["path": ".", "images": [["image": "a", "tag": "", "digest": ""]]],
                "images.0: Must validate one and only one schema (oneOf)"
            ),
            (["path": ".", "images": [["image": "", "tag": "x"]]], "images.0.image: String length must be"),
            (["path": ".", "images": [["image": "a", "tag": "x", "b": 1]]], "Additional property b is not allowed"),
        ] as [(JSONValue, String)]
    )
    func `refuses other configurations`(config: JSONValue, problem: String) async throws {
        try await StepBench.with { bench in
            let result = try await bench.run("kustomize-set-image", config)
            #expect(result.status == .failed)
            #expect(result.message.contains(problem), "\(result.message)")
        }
    }

    @Test func `sets the images that it is told`() async throws {
        try await StepBench.with { bench in
            try bench.write("images:\n- name: web\n  newTag: v1\n", to: "app/kustomization.yaml")
            let result = try await bench.run(
                "kustomize-set-image",
                [
                    "path": "app",
                    "images": [
                        ["image": "example/web", "name": "web", "newName": "mirror/web", "tag": "v2", "digest": ""],
                        ["image": "db", "digest": "sha256:1", "tag": nil],
                    ],
                ]
            )
            #expect(
                result
                    == .succeeded(
                        output: [
                            "commitMessage":
                                "Updated app to use new images\n\n- db@sha256:1\n- mirror/web:v2"
                        ]
                    )
            )
            #expect(
                try bench.read("app/kustomization.yaml")
                    == "images:\n- name: db\n  digest: sha256:1\n- name: web\n  newTag: v2\n  newName: mirror/web\n"
            )
        }
    }

    @Test func `takes all images of the Freight`() async throws {
        try await StepBench.with { bench in
            try bench.write("resources: []\n", to: "Kustomization")
            let warehouses = Warehouses(["a": ["web", "other"], "b": ["db"]])
            let result = try await bench.run(
                "kustomize-set-image",
                ["path": ".", "images": []],
                capabilities: StepCapabilities(controlPlane: warehouses)
            ) { $0.promotion = Self.promotion(["a": "web", "b": "db"]) }
            #expect(
                try bench.read("Kustomization")
                    == "resources: []\nimages:\n- name: db\n  newTag: v1\n  digest: sha256:1\n"
                    + "- name: web\n  newTag: v1\n  digest: sha256:1\n"
            )
            let message = "Updated . to use new images\n\n- db:v1@sha256:1\n- web:v1@sha256:1"
            #expect(result == .succeeded(output: ["commitMessage": .string(message)]))
        }
    }

    @Test func `does nothing without images`() async throws {
        try await StepBench.with { bench in
            try bench.write("a: 1", to: "kustomization.yml")
            #expect(try await bench.run("kustomize-set-image", ["path": "."]) == .succeeded())
            #expect(try bench.read("kustomization.yml") == "a: 1")
        }
    }

    @Test(arguments: [["a": ["web"], "b": ["web"]], ["a": ["web", "web"], "b": []]])
    func `asks for a configuration where two subscriptions find an image`(_ images: [String: [String]]) async throws {
        try await StepBench.with { bench in
            try bench.write("", to: "kustomization.yaml")
            let result = try await bench.run(
                "kustomize-set-image",
                ["path": "."],
                capabilities: StepCapabilities(controlPlane: Warehouses(images))
            ) { $0.promotion = Self.promotion(["a": "web", "b": "x"]) }
            #expect(result.status == .errored)
            #expect(result.failure.map { if case .retryable = $0 { true } else { false } } == true)
            #expect(result.message.hasPrefix("manual configuration required"))
            #expect(try bench.read("kustomization.yaml").isEmpty)
        }
    }

    @Test func `fails without Warehouses, and for good without access to any`() async throws {
        try await StepBench.with { bench in
            try bench.write("", to: "kustomization.yaml")
            let missing = try await bench.run(
                "kustomize-set-image",
                ["path": "."],
                capabilities: StepCapabilities(controlPlane: Warehouses([:]))
            ) { $0.promotion = Self.promotion(["a": "web"]) }
            #expect(missing.message == "there is no Warehouse \"a\" in Project \"demo\"")
            let none = try await bench.run("kustomize-set-image", ["path": "."]) {
                $0.promotion = Self.promotion(["a": "web"])
            }
            #expect(none.failure.map { if case .terminal = $0 { true } else { false } } == true)
        }
    }

    @Test func `wants exactly one file of a kustomization`() async throws {
        try await StepBench.with { bench in
            try bench.makeDirectory("none")
            try bench.write("", to: "two/kustomization.yaml")
            try bench.write("", to: "two/Kustomization")
            try bench.write("", to: "two/other.yaml")
            try bench.makeDirectory("link")
            try bench.link("link/kustomization.yaml", to: "../two/other.yaml")
            let image: JSONValue = ["image": "a", "tag": "v1"]
            for (path, message) in [
                ("none", "no kustomization file in \"none\""), ("link", "no kustomization file in \"link\""),
                ("two", "more than one kustomization file in \"two\""), ("missing", "can't open \"missing\""),
                ("two/other.yaml", "can't open"), ("../../outside", "can't open \"outside\""),
            ] {
                let result = try await bench.run("kustomize-set-image", ["path": .string(path), "images": [image]])
                #expect(result.status == .errored)
                #expect(result.message.hasPrefix(message), "\(result.message)")
            }
        }
    }

    private static func promotion(_ images: [String: String]) -> PromotionContext {
        var promotion = PromotionContext()
        promotion.project = "demo"
        for (name, repository) in images.sorted(by: { $0.key < $1.key }) {
            var image = Image()
            image.repoURL = repository
            image.tag = "v1"
            image.digest = "sha256:1"
            var freight = FreightReference()
            freight.name = name
            freight.origin = FreightOrigin(name: name)
            freight.images = [image]
            promotion.freight.insert(freight)
            var request = FreightRequest()
            request.origin = FreightOrigin(name: name)
            promotion.freightRequests.append(request)
        }
        return promotion
    }
}

/// Warehouses that subscribe to images.
private struct Warehouses: ControlPlaneAccess {
    let images: [String: [String]]

    init(_ images: [String: [String]]) { self.images = images }

    func warehouse(_ name: String, project: String) async throws -> Warehouse? {
        images[name]
            .map { images in
                var warehouse = Warehouse()
                warehouse.spec.subscriptions = images.map {
                    WarehouseSubscription(kind: "image", settings: ["repoURL": .string($0)])
                }
                return warehouse
            }
    }

    func setMetadata(_ values: [String: JSONValue], of target: MetadataTarget, project: String) {}

    func setFreightAlias(_ alias: String, of freight: String, project: String) -> String { "" }

    func recordEvent(_ event: Event) {}
}
