/// Knows which step kinds are plugins.
public protocol PluginSource: Sendable {
    /// Finds out what kinds of step are in a Project, waiting until that is known.
    ///
    /// - Parameters:
    ///   - kinds: The kinds in question.
    ///   - project: The Project.
    /// - Returns: What each kind is.
    /// - Throws: `CancellationError`.
    func resolve(_ kinds: Set<String>, project: String) async throws -> [String: KindResolution]

    /// The plugin of a name in a namespace; nil if there is none.
    ///
    /// - Throws: `CancellationError`.
    func plugin(_ name: String, namespace: String) async throws -> RegisteredPlugin?
}

/// What there is where plugins are switched off: no plugins.
public struct NoPlugins: PluginSource {
    private let isBuiltin: @Sendable (String) -> Bool

    /// Makes the source.
    ///
    /// - Parameter isBuiltin: Whether this program has a kind itself.
    public init(isBuiltin: @escaping @Sendable (String) -> Bool) {
        self.isBuiltin = isBuiltin
    }

    /// Finds builtin kinds only.
    public func resolve(_ kinds: Set<String>, project: String) async throws -> [String: KindResolution] {
        Dictionary(
            uniqueKeysWithValues: kinds.map { kind in
                (kind, isBuiltin(kind) ? .builtin : .unknown(hint: "plugins are switched off (STEP_PLUGINS_ENABLED)"))
            }
        )
    }

    /// There is none.
    public func plugin(_ name: String, namespace: String) async throws -> RegisteredPlugin? { nil }
}
