import KargoCore

/// Gives Freight another alias.
struct SetFreightAliasStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var name: String
        var alias: String
    }

    static let kind = "set-freight-alias"
    static var schema: [UInt8] { PackageResources.set_freight_alias_json }

    let controlPlane: (any ControlPlaneAccess)?

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        guard let controlPlane else { throw MissingCapability("writing to Freight") }
        let old: String
        do {
            old = try await controlPlane.setFreightAlias(
                config.alias,
                of: config.name,
                project: step.promotion.project
            )
        } catch let failure as ControlPlaneFailure {
            return .failed("Freight \"\(config.name)\" can't have the alias \"\(config.alias)\": \(failure)")
        }
        var result = StepResult.succeeded()
        result.message = "the alias of Freight \"\(config.name)\" was \"\(old)\" and is \"\(config.alias)\""
        return result
    }
}
