/// The functions that every template has.
///
/// Each puts its result in quotes, which keeps the text that the template gives from being read as a number, a Boolean
/// or JSON.
enum TemplateFunctions {
    /// The functions by name.
    static let named = Dictionary(uniqueKeysWithValues: [quote, unsafeQuote, asYAML, asJSON].map { ($0.name, $0) })

    private static let quote = ExpressionFunction("quote", arity: 1...1) { arguments in
        guard case .string(let text) = arguments[0] else { return .string("\"\(try arguments[0].jsonText())\"") }
        guard text.utf8.count <= ExpressionBudget.maximumBytes else {
            throw ExpressionError(.limit, "the text is too large to be quoted")
        }
        return .string(GoQuote.quote(text))
    }

    private static let unsafeQuote = ExpressionFunction("unsafeQuote", arity: 1...1) { arguments in
        .string("\"\(try arguments[0].jsonText())\"")
    }

    private static let asYAML = ExpressionFunction("asYAML", arity: 1...1) { arguments in
        .string("\"\(try arguments[0].yamlText())\"")
    }

    private static let asJSON = ExpressionFunction("asJSON", arity: 1...1) { arguments in
        .string("\"\(try arguments[0].jsonText(.indented))\n\"")
    }
}
