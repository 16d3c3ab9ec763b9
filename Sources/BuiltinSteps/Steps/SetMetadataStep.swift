import KargoCore

/// Notes values on Stages and Freight.
struct SetMetadataStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct Update: Decodable, Sendable {
            enum Kind: String, Decodable, Sendable {
                case stage = "Stage"
                case freight = "Freight"
            }

            var kind: Kind
            var name: String
            var values: [String: JSONValue]

            var target: MetadataTarget {
                switch kind {
                case .stage: .stage(name)
                case .freight: .freight(name)
                }
            }
        }

        var updates: [Update]
    }

    static let kind = "set-metadata"
    static var schema: [UInt8] { PackageResources.set_metadata_json }

    let controlPlane: (any ControlPlaneAccess)?

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        guard let controlPlane else { throw MissingCapability("writing to Stages and Freight") }
        guard !config.updates.contains(where: { $0.values[""] != nil }) else {
            return .erroredForGood("a key of the metadata is empty")
        }
        for update in config.updates {
            do {
                try await controlPlane.setMetadata(update.values, of: update.target, project: step.promotion.project)
            } catch let failure as ControlPlaneFailure {
                return .errored("the metadata of \(update.kind.rawValue) \"\(update.name)\" can't be set: \(failure)")
            }
        }
        return .succeeded()
    }
}
