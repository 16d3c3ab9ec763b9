import KargoCore

/// The expression language: lexer, parser, evaluator and the writing of values.
enum Expressions {
    static func test(_ source: String) {
        let program: ExpressionProgram
        do throws(ExpressionError) {
            program = try ExpressionProgram(source)
        } catch {
            check([.syntax, .limit].contains(error.code), "reading fails with \(error.code)")
            checkError(error, of: source)
            return
        }
        let first = Outcome(of: program)
        let second = Outcome(of: program)
        switch (first, second) {
        case (.success(let first), .success(let second)):
            check(areSame(first, second), "it gives two values: \(source)")
            checkJSON(of: first)
            checkYAML(of: first)
        case (.failure(let first), .failure(let second)):
            check("\(first)" == "\(second)", "it fails in two ways: \(first), \(second)")
            checkError(first, of: source)
        default:
            fatalError("it fails once of two times: \(source)")
        }
    }

    static func areSame(_ first: ExpressionValue, _ second: ExpressionValue) -> Bool {
        // Not-a-number does not equal itself, and the entries of a map have no order.
        first == second || "\(first)".utf8.sorted() == "\(second)".utf8.sorted()
    }

    /// An error lies in the text, can be described, and tells no secret.
    static func checkError(_ error: ExpressionError, of source: String) {
        let text = "\(error)"
        check(!text.isEmpty && !error.message.isEmpty, "an error says nothing")
        if let place = error.place {
            check(place.range.upperBound <= place.source.utf8.count, "an error lies outside: \(place.range)")
        }
        guard !source.contains(Surroundings.marker) else { return }
        check(!text.contains(Surroundings.marker), "an error tells a secret: \(text)")
    }

    /// What `asYAML` writes is YAML, and fails only where JSON would.
    private static func checkYAML(of value: ExpressionValue) {
        switch Outcome({ try await Surroundings.asYAML.evaluate(in: Surroundings.environment(adding: value)) }) {
        case .success(.string(let text)):
            check((try? YAMLNode.documents(in: text)) != nil, "asYAML gives no YAML: \(text)")
        case .success(let other):
            fatalError("asYAML gives no string: \(other)")
        case .failure(let error):
            check((try? value.jsonValue()) == nil || error.code == .limit, "only asYAML fails: \(error)")
        }
    }

    /// Both writers of JSON give the same, which reads back as it was.
    private static func checkJSON(of value: ExpressionValue) {
        let written = Result { () throws(ExpressionError) in try value.jsonValue() }
        let builtin = Outcome(of: Surroundings.toJSON, Surroundings.environment(adding: value))
        switch (written, builtin) {
        case (.success(let json), .success(.string(let text))):
            check(json.isSame(as: try? JSONValue(parsing: json.text())), "JSON does not read back: \(json)")
            check(json.isSame(as: try? JSONValue(parsing: text)), "toJSON gives something else: \(text), not \(json)")
        case (.failure, .failure):
            break
        // They count differently towards their limits.
        case (.success, .failure(let error)) where error.code == .limit:
            break
        case (.failure(let error), .success) where error.code == .limit:
            break
        default:
            fatalError("only one writes it as JSON: \(written), \(builtin)")
        }
    }
}

/// What an evaluation comes to.
enum Outcome {
    case success(ExpressionValue)
    case failure(ExpressionError)

    init(of program: ExpressionProgram, _ environment: ExpressionEnvironment = Surroundings.environment) {
        self.init { try await program.evaluate(in: environment) }
    }

    init(_ evaluation: @escaping @Sendable () async throws -> ExpressionValue) {
        switch immediately(evaluation) {
        case .success(let value): self = .success(value)
        case .failure(let error as ExpressionError): self = .failure(error)
        case .failure(let error): fatalError("an evaluation throws something else: \(error)")
        }
    }
}
