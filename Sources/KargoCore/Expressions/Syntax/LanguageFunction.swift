/// What the language itself has to call.
enum LanguageFunction {
    case loop(LoopFunction)
    case builtin(ExpressionBuiltin)

    /// All of them by name.
    static let named = Dictionary(
        uniqueKeysWithValues: LoopFunction.allCases.map { ($0.rawValue, Self.loop($0)) }
            + ExpressionBuiltin.allCases.map { ($0.rawValue, Self.builtin($0)) }
    )
}
