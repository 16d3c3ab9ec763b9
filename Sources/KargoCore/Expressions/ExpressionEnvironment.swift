/// What the names in an expression stand for.
public struct ExpressionEnvironment: Sendable {
    /// The variables; a name that is none of them reads as `nil`.
    public var variables: [String: ExpressionValue]
    /// The functions by name.
    public private(set) var functions: [String: ExpressionFunction]
    /// The clock of `now()`, which is looked at once in an evaluation.
    public var clock: @Sendable () -> GoTime = GoTime.now
    /// What `$env` stands for where that is not the map of the variables.
    let root: ExpressionValue?

    /// Makes an environment.
    ///
    /// - Parameters:
    ///   - variables: The variables.
    ///   - functions: The functions; of two with one name the last stays. A builtin can't be replaced.
    public init(variables: [String: ExpressionValue] = [:], functions: [ExpressionFunction] = []) {
        self.variables = variables
        self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        root = nil
    }

    /// Makes an environment of a document: the members of an object are variables, and `$env` is the document itself.
    public init(document: JSONValue) {
        functions = [:]
        if case .object(let members) = document {
            variables = members.mapValues { ExpressionValue($0, numbers: .exact) }
            root = nil
        } else {
            variables = [:]
            root = ExpressionValue(document, numbers: .exact)
        }
    }

    /// Adds a function, in place of one that has its name.
    public mutating func add(_ function: ExpressionFunction) { functions[function.name] = function }
}
