public import ArgoCompat
public import KargoCore

/// A plugin that the agent may call.
public struct PluginTarget: Sendable, Hashable, Codable {
    /// Where it listens, such as `http://localhost:9765`.
    public var address: String
    /// The container it runs in, by which its token is found.
    public var containerName: String
    /// The user as which the container runs, where its Pod says so.
    public var runAsUser: UInt32?

    /// Makes a target.
    public init(address: String, containerName: String, runAsUser: UInt32? = nil) {
        self.address = address
        self.containerName = containerName
        self.runAsUser = runAsUser
    }
}

/// Runs a step where it belongs: in this process, or in the plugin that has its kind.
public struct StepDispatcher: Sendable {
    private let registry: StepRegistry
    private let plugins: [String: PluginClient]

    /// Makes a dispatcher.
    ///
    /// - Parameters:
    ///   - registry: The kinds that run in this process.
    ///   - plugins: The plugins by the kinds they have.
    public init(registry: StepRegistry, plugins: [String: PluginClient]) {
        self.registry = registry
        self.plugins = plugins
    }

    /// Runs one attempt of a step.
    ///
    /// - Parameters:
    ///   - step: Everything about the step.
    ///   - timeout: How long it may take; a plugin that never answered is waited for so long.
    /// - Returns: How the attempt went; what breaks is a result too.
    /// - Throws: `CancellationError` when the task was cancelled.
    public func run(_ step: StepContext, timeout: Duration?) async throws -> StepResult {
        if let plugin = plugins[step.kind] { return try await call(plugin, step, timeout: timeout) }
        guard let runner = registry.runner(step.kind) else {
            return .erroredForGood("no step kind \"\(step.kind)\" is known to the agent")
        }
        guard registry.access(step.kind).place == .agent else {
            return .erroredForGood("steps of kind \"\(step.kind)\" run in the controller, not in the agent")
        }
        do {
            return try await runner.run(step)
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored(String(describing: error))
        }
    }

    private func call(_ plugin: PluginClient, _ step: StepContext, timeout: Duration?) async throws -> StepResult {
        let body = try JSONValueEncoder().encode(StepExecuteRequest(step)).serialized()
        let outcome = try await plugin.call(
            path: StepExecuteRequest.path,
            body: body,
            startLimit: timeout ?? PluginClient.defaultStartLimit
        )
        switch outcome {
        case .unsupported:
            return .errored("the plugin answered 404: it does not implement POST \(StepExecuteRequest.path)")
        case .busy(let reason, let retryAfter):
            return .running("the plugin has no time: it \(reason)", retryAfter: retryAfter)
        case .failed(let reason):
            return .errored("the plugin \(reason)")
        case .answered(let body):
            do {
                let value = try JSONValue(parsing: body)
                return try JSONValueDecoder().decode(StepExecuteResponse.self, from: value).result(kind: step.kind)
            } catch {
                return .erroredForGood("the plugin's answer makes no sense: \(error)")
            }
        }
    }
}
