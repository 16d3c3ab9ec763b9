import KargoCore

/// Templates in a string, and in the strings of a JSON value.
enum Templates {
    static func test(_ source: String) {
        testText(source)
        if let json = try? JSONValue(parsing: source) { testJSON(json) }
    }

    private static func testText(_ source: String) {
        let template: Template
        do throws(ExpressionError) {
            template = try Template(source)
        } catch {
            Expressions.checkError(error, of: source)
            return
        }
        let evaluate = { @Sendable () async throws in try await template.evaluate(in: Surroundings.environment) }
        switch (Outcome(evaluate), Outcome(evaluate)) {
        case (.success(let first), .success(let second)):
            check(Expressions.areSame(first, second), "it gives two values: \(source)")
        case (.failure(let first), .failure(let second)):
            check("\(first)" == "\(second)", "it fails in two ways: \(first), \(second)")
            Expressions.checkError(first, of: source)
        default:
            fatalError("it fails once of two times: \(source)")
        }
    }

    private static func testJSON(_ json: JSONValue) {
        switch immediately({ try await Template.evaluate(json, in: Surroundings.environment) }) {
        case .success(let value):
            check(value.isSame(as: try? JSONValue(parsing: value.text())), "JSON does not read back: \(value)")
        case .failure(let error as ExpressionError):
            Expressions.checkError(error, of: json.text())
        case .failure(let error):
            fatalError("an evaluation throws something else: \(error)")
        }
    }
}
