import KargoCore

/// Sets images in a kustomization.
struct KustomizeSetImageStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct Image: Decodable, Sendable {
            var image: String
            var name: String?
            var newName: String?
            var tag: String?
            var digest: String?
        }

        var path: String
        var images: [Image]?
    }

    /// The images can't be told from the Freight.
    private struct Ambiguity: Error {
        let description: String
    }

    static let kind = "kustomize-set-image"
    static var schema: [UInt8] { PackageResources.kustomize_set_image_json }

    let controlPlane: (any ControlPlaneAccess)?

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let targets: [KustomizeImage]
        do {
            targets = try await self.targets(step.promotion, config)
        } catch let error as Ambiguity {
            return .errored(error.description)
        }
        do {
            let images = try await Cancellation.blocking { cancellation in
                let file = try KustomizationFile(in: try WorkDirectory(step.workDir).locate(config.path))
                let text = try file.text(cancellation)
                let result = try KustomizationImages.set(targets, in: text)
                try cancellation.check()
                if result.text != text {
                    try file.directory.writeFile(file.name, text: result.text, permissions: .kept)
                }
                return result.images
            }
            if images.isEmpty { return .succeeded() }
            return .succeeded(output: ["commitMessage": .string(Self.commitMessage(config.path, images))])
        } catch let error as KustomizationFile.Problem {
            return .errored(error.description)
        } catch let error as KustomizationImages.Problem {
            return .errored("the kustomization in \"\(config.path)\" can't be changed: \(error)")
        }
    }

    private func targets(_ promotion: PromotionContext, _ config: Config) async throws -> [KustomizeImage] {
        if let images = config.images, !images.isEmpty {
            return images.map { image in
                let name = image.name.nonEmpty ?? image.image
                return KustomizeImage(
                    name: name,
                    newName: image.newName ?? "",
                    newTag: image.tag ?? "",
                    digest: image.digest ?? ""
                )
            }
        }
        let images = promotion.freight.items.sorted { $0.key < $1.key }.flatMap(\.value.images)
        if !images.isEmpty { try await refuseAmbiguous(images, promotion) }
        return images.map { KustomizeImage(name: $0.repoURL, newTag: $0.tag, digest: $0.digest) }
    }

    /// An image that two subscriptions find may have two versions.
    private func refuseAmbiguous(_ images: [Image], _ promotion: PromotionContext) async throws {
        guard let controlPlane else { throw MissingCapability("access to Warehouses") }
        let repositories = Set(images.map(\.repoURL))
        var seen: Set<String> = []
        for request in promotion.freightRequests {
            let name = request.origin.name
            let warehouse: Warehouse?
            do {
                warehouse = try await controlPlane.warehouse(name, project: promotion.project)
            } catch let error as ControlPlaneFailure {
                throw Ambiguity(description: "error reading Warehouse \"\(name)\": \(error)")
            }
            guard let warehouse else {
                throw Ambiguity(description: "there is no Warehouse \"\(name)\" in Project \"\(promotion.project)\"")
            }
            for subscription in warehouse.spec.subscriptions where subscription.kind == "image" {
                let url = subscription.repoURL
                if repositories.contains(url), !seen.insert(url).inserted {
                    throw Ambiguity(
                        description:
                            "manual configuration required: several subscriptions of the Stage's Warehouses are "
                            + "to the image \"\(url)\"; name the images in the step's configuration"
                    )
                }
            }
        }
    }

    private static func commitMessage(_ path: String, _ images: [KustomizeImage]) -> String {
        let lines = images.map { "\n- \($0.reference)" }.sorted()
        return "Updated \(path) to use new image\(lines.count == 1 ? "" : "s")\n" + lines.joined()
    }
}
