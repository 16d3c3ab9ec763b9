/// The functions that every template has.
///
/// Each puts its result in quotes, which keeps the text that the template gives from being read as a number, a Boolean
/// or JSON.
enum TemplateFunctions {
    /// The functions by name, without `asYAML`, which is the environment's to give.
    static let named = Dictionary(uniqueKeysWithValues: [quote, unsafeQuote, asJSON].map { ($0.name, $0) })

    private static let quote = ExpressionFunction("quote", arity: 1...1) { arguments in
        if case .string(let text) = arguments[0] { return .string(GoQuote.quote(text)) }
        return .string("\"\(try json(arguments))\"")
    }

    private static let unsafeQuote = ExpressionFunction("unsafeQuote", arity: 1...1) { arguments in
        .string("\"\(try json(arguments))\"")
    }

    private static let asJSON = ExpressionFunction("asJSON", arity: 1...1) { arguments in
        .string("\"\(try json(arguments, .indented))\n\"")
    }

    private static func json(
        _ arguments: ExpressionArguments,
        _ options: JSONValue.SerializationOptions = []
    ) throws(ExpressionError) -> String {
        var budget = ExpressionBudget()
        return try arguments[0].jsonText(options, &budget)
    }
}
