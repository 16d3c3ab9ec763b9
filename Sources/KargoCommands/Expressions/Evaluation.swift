import KargoCore

/// Evaluates what a user wants to try.
struct Evaluation: Sendable {
    /// What a text is read as.
    enum Language: Sendable {
        case expression
        case template
    }

    /// What the names stand for.
    var environment: ExpressionEnvironment
    var language = Language.expression
    /// Keeps Secrets that an expression reads out of messages; a value is printed as it is.
    var redactor = SecretRedactor()

    /// The value of an expression or a template.
    ///
    /// - Throws: `ExpressionError`, and `CancellationError` when the task was cancelled.
    func value(of text: String) async throws -> ExpressionValue {
        switch language {
        case .template:
            return try await Template(text).evaluate(in: environment)
        case .expression:
            guard !text.isTemplate else {
                throw ExpressionError("an expression has no ${{ }} around it; --template takes a text that has")
            }
            return try await ExpressionProgram(text).evaluate(in: environment)
        }
    }

    /// The value as it is printed: JSON over several lines where it has parts.
    ///
    /// - Throws: ``CommandError``, and `CancellationError` when the task was cancelled.
    func text(of text: String, isRaw: Bool) async throws -> String {
        do {
            let value = try await value(of: text)
            if isRaw, case .string(let text) = value { return text }
            return try value.jsonText(.indented)
        } catch let error as ExpressionError {
            throw CommandError(redactor.redact(error.description))
        }
    }

    /// The answer to a line.
    ///
    /// - Throws: `CancellationError` when the task was cancelled; an expression that fails is no error.
    func answer(to line: InputLines.Line) async throws(CancellationError) -> LineAnswer {
        do {
            switch line {
            case .notUTF8: return .failure("the line is not UTF-8 text")
            case .tooLong: return .failure("the line is longer than \(InputLines.maximumLength >> 20) MiB")
            case .text(let text):
                let value = try await value(of: text)
                return .value(json: try value.jsonText(), type: value.typeName)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .failure(redactor.redact(String(describing: error)))
        }
    }
}

/// What is answered to one line.
enum LineAnswer: Hashable, Sendable {
    case value(json: String, type: String)
    case failure(String)

    /// The answer as one line of JSON, its members in an order that stays.
    var text: String {
        switch self {
        case .value(let json, let type): "{\"value\":\(json),\"type\":\(JSONValue.string(type).text())}\n"
        case .failure(let message): "{\"error\":\(JSONValue.string(message).text())}\n"
        }
    }
}

extension String {
    /// Whether the text begins as an expression in a manifest does, which no expression itself can.
    fileprivate var isTemplate: Bool {
        let start = drop { $0.isWhitespace }
        return start.hasPrefix("${{") || start.hasPrefix("${%")
    }
}
