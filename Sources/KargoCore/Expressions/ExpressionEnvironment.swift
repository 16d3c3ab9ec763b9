/// What the names in an expression stand for.
public struct ExpressionEnvironment: Sendable {
    /// The variables; a name that is none of them reads as `nil`.
    public var variables: [String: ExpressionValue]
    /// The functions by name.
    public private(set) var functions: [String: ExpressionFunction]

    /// Makes an environment.
    ///
    /// - Parameters:
    ///   - variables: The variables.
    ///   - functions: The functions; of two with one name the last stays. A builtin can't be replaced.
    public init(variables: [String: ExpressionValue] = [:], functions: [ExpressionFunction] = []) {
        self.variables = variables
        self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// Adds a function, in place of one that has its name.
    public mutating func add(_ function: ExpressionFunction) { functions[function.name] = function }
}
