import KargoCore

/// A kind of step whose configuration is described by a schema.
protocol ConfiguredStep: StepRunner {
    /// The configuration of a step.
    associatedtype Config: Decodable & Sendable

    /// The JSON Schema of the configuration.
    static var schema: [UInt8] { get }

    /// Runs one attempt of a step whose configuration fits.
    ///
    /// - Parameters:
    ///   - step: Everything about the step.
    ///   - config: Its configuration.
    /// - Returns: How the attempt went.
    /// - Throws: ``FileError`` for what another attempt may do better; `MissingCapability`; `CancellationError`.
    func run(_ step: StepContext, _ config: Config) async throws -> StepResult
}

extension ConfiguredStep {
    func run(_ step: StepContext) async throws -> StepResult {
        let schema = try ConfigSchema(kind: Self.kind, text: Self.schema)
        let config: Config
        do throws(ConfigError) {
            config = try schema.decode(Config.self, from: step.config)
        } catch {
            return .failed(error.description)
        }
        do {
            return try await run(step, config)
        } catch let error as FileError {
            return .errored(error.description)
        } catch let error as MissingCapability {
            return .erroredForGood("\(Self.kind): \(error)")
        }
    }
}
