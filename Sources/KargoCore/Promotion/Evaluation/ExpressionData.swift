/// What the functions of expressions read, such as `secret()`.
///
/// Nothing is kept between calls: who evaluates expressions decides for how long an answer holds.
public protocol ExpressionData: Sendable {
    /// Reads a ConfigMap.
    ///
    /// - Returns: The ConfigMap, or nil if there is none.
    /// - Throws: What keeps it from being read; `CancellationError` when the task was cancelled.
    func configMap(_ name: String, in space: ExpressionSpace) async throws -> ConfigMap?

    /// Reads a Secret; see ``configMap(_:in:)``.
    func secret(_ name: String, in space: ExpressionSpace) async throws -> Secret?

    /// Reads a Warehouse; see ``configMap(_:in:)``.
    func warehouse(_ name: String, project: String) async throws -> Warehouse?

    /// Reads Freight by its name; see ``configMap(_:in:)``.
    func freight(_ name: String, project: String) async throws -> Freight?

    /// Reads a Stage; see ``configMap(_:in:)``.
    func stage(_ name: String, project: String) async throws -> Stage?
}

/// Where an expression finds Secrets and ConfigMaps.
public enum ExpressionSpace: Sendable, Hashable {
    /// A Project's namespace.
    case project(String)
    /// The namespace for all Projects, which the operator names.
    case shared
}

/// Objects that are given beforehand, for evaluation without a cluster.
public struct InMemoryExpressionData: ExpressionData {
    private struct Key: Sendable, Hashable {
        var namespace: String
        var name: String
    }

    /// The namespace for all Projects.
    private let sharedNamespace: String
    private var configMaps: [Key: ConfigMap] = [:]
    private var secrets: [Key: Secret] = [:]
    private var warehouses: [Key: Warehouse] = [:]
    private var freights: [Key: Freight] = [:]
    private var stages: [Key: Stage] = [:]

    /// Makes data without any object.
    ///
    /// - Parameter sharedNamespace: Where ``ExpressionSpace/shared`` is.
    public init(sharedNamespace: String = "kargo-shared-resources") { self.sharedNamespace = sharedNamespace }

    /// Adds an object, in place of one with its namespace and name.
    public mutating func add(_ object: ConfigMap) { configMaps[Self.key(object.metadata)] = object }

    /// Adds an object, in place of one with its namespace and name.
    public mutating func add(_ object: Secret) { secrets[Self.key(object.metadata)] = object }

    /// Adds an object, in place of one with its namespace and name.
    public mutating func add(_ object: Warehouse) { warehouses[Self.key(object.metadata)] = object }

    /// Adds an object, in place of one with its namespace and name.
    public mutating func add(_ object: Freight) { freights[Self.key(object.metadata)] = object }

    /// Adds an object, in place of one with its namespace and name.
    public mutating func add(_ object: Stage) { stages[Self.key(object.metadata)] = object }

    /// The ConfigMap of a name, if it was added.
    public func configMap(_ name: String, in space: ExpressionSpace) -> ConfigMap? { configMaps[key(name, space)] }

    /// The Secret of a name, if it was added.
    public func secret(_ name: String, in space: ExpressionSpace) -> Secret? { secrets[key(name, space)] }

    /// The Warehouse of a name, if it was added.
    public func warehouse(_ name: String, project: String) -> Warehouse? {
        warehouses[Key(namespace: project, name: name)]
    }

    /// The Freight of a name, if it was added.
    public func freight(_ name: String, project: String) -> Freight? { freights[Key(namespace: project, name: name)] }

    /// The Stage of a name, if it was added.
    public func stage(_ name: String, project: String) -> Stage? { stages[Key(namespace: project, name: name)] }

    private static func key(_ metadata: ObjectMeta) -> Key { Key(namespace: metadata.namespace, name: metadata.name) }

    private func key(_ name: String, _ space: ExpressionSpace) -> Key {
        switch space {
        case .project(let project): Key(namespace: project, name: name)
        case .shared: Key(namespace: sharedNamespace, name: name)
        }
    }
}
