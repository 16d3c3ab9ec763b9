/// A string with expressions in it, `${{ … }}` or `${% … %}`.
///
/// The results of the expressions replace them as text, and then the whole text is read anew: `${{ 1 }}${{ 2 }}` is the
/// number 12, `{"a": ${{ vars.list }}}` an object. A string without expressions stays as it is, even if it looks like a
/// number.
public struct Template: Sendable {
    enum Part: Sendable {
        case text(String)
        case expression(ExpressionProgram)
    }

    /// A result larger than this is refused.
    static let maximumBytes = 16 << 20

    /// The template's text.
    public let source: String
    /// Nothing if there is nothing to evaluate.
    let parts: [Part]?

    /// Reads a template.
    ///
    /// - Parameter source: The template. The first closer after an opener ends the expression, even if it stands within
    ///   a string or a map; `${% … %}` is for expressions that contain `}}`. There is no way to escape an opener.
    /// - Throws: ``ExpressionError`` if an expression is not closed or can't be read.
    public init(_ source: String) throws(ExpressionError) {
        self.source = source
        guard source.utf8.contains(UInt8(ascii: "$")) else {
            parts = nil
            return
        }
        let bytes = Array(source.utf8)
        guard Self.opener(in: bytes, from: 0) != nil else {
            parts = nil
            return
        }
        parts = try Self.parts(of: bytes, source)
    }

    /// Evaluates the expressions and reads the resulting text.
    ///
    /// Besides the functions of the environment there are `quote`, `unsafeQuote`, `asYAML` and `asJSON`, which go before
    /// any of the same name there. Numbers are floating point numbers, as in Kargo.
    ///
    /// - Parameter environment: What the names stand for.
    /// - Returns: The value.
    /// - Throws: ``ExpressionError``; a `CancellationError` of a function passes untouched.
    public func evaluate(in environment: ExpressionEnvironment) async throws -> ExpressionValue {
        var budget = ExpressionBudget()
        guard let text = try await text(in: environment, spending: &budget) else { return .string(source) }
        return TemplateResult(reading: text).value
    }

    /// The text with the results in place of the expressions, if there are any.
    func text(
        in environment: ExpressionEnvironment,
        spending budget: inout ExpressionBudget
    ) async throws -> String? {
        guard let parts else { return nil }
        var text = ""
        for part in parts {
            switch part {
            case .text(let part):
                text += part
            case .expression(let expression):
                let value = try await expression.evaluate(
                    in: environment,
                    overrides: TemplateFunctions.named,
                    spending: &budget
                )
                text += try Self.text(of: value, expression, &budget)
            }
            guard text.utf8.count <= Self.maximumBytes else {
                throw ExpressionError(.limit, "the template gives more than \(Self.maximumBytes >> 20) MiB of text")
            }
        }
        return text
    }

    private static func text(
        of value: ExpressionValue,
        _ expression: ExpressionProgram,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> String {
        if case .string(let text) = value { return text }
        do throws(ExpressionError) {
            return try value.jsonText([], &budget)
        } catch {
            throw error.located(in: expression.source, at: 0..<expression.source.utf8.count)
        }
    }

    // MARK: Delimiters

    private static func parts(of bytes: [UInt8], _ source: String) throws(ExpressionError) -> [Part] {
        var parts: [Part] = []
        var start = 0
        while let opener = opener(in: bytes, from: start) {
            let body = opener.offset + 3
            guard let end = closer(of: opener, in: bytes, from: body) else {
                throw ExpressionError(.syntax, "the expression is not closed; add '\(opener.closer)'")
                    .located(in: source, at: opener.offset..<body)
            }
            if start < opener.offset {
                parts.append(.text(String(decoding: bytes[start..<opener.offset], as: UTF8.self)))
            }
            start = end + 2
            // Kargo takes an empty body for the end of all expressions.
            if body == end { break }
            parts.append(.expression(try ExpressionProgram(String(decoding: bytes[body..<end], as: UTF8.self))))
        }
        if start < bytes.count { parts.append(.text(String(decoding: bytes[start...], as: UTF8.self))) }
        return parts
    }

    private struct Opener {
        var offset: Int
        /// `{` or `%`.
        var sign: UInt8

        var closer: String { sign == UInt8(ascii: "{") ? "}}" : "%}" }
    }

    private static func opener(in bytes: [UInt8], from start: Int) -> Opener? {
        var offset = start
        while offset + 2 < bytes.count {
            if bytes[offset] == UInt8(ascii: "$"), bytes[offset + 1] == UInt8(ascii: "{") {
                let sign = bytes[offset + 2]
                if sign == UInt8(ascii: "{") || sign == UInt8(ascii: "%") { return Opener(offset: offset, sign: sign) }
            }
            offset += 1
        }
        return nil
    }

    private static func closer(of opener: Opener, in bytes: [UInt8], from start: Int) -> Int? {
        let closer = Array(opener.closer.utf8)
        var offset = start
        while offset + 1 < bytes.count {
            if bytes[offset] == closer[0], bytes[offset + 1] == closer[1] { return offset }
            offset += 1
        }
        return nil
    }
}
