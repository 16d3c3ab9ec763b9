import KargoCore

/// A request as the API sees it, whatever carried it here.
struct APICall: Sendable {
    var method: String
    var path: String
    var query: [String: String]
    var accept: String
    var contentType: String
    var ifNoneMatch: String?
    var body: [UInt8]
    var caller: Caller
    /// The program that calls, as it names itself.
    var userAgent = ""

    var username: String { caller.username }

    /// The query's flag; present without a value is true.
    func flag(_ name: String) -> Bool {
        guard let value = query[name] else { return false }
        return value.isEmpty || value == "true" || value == "1"
    }

    /// Whether nothing is to be stored.
    var isDryRun: Bool { query["dryRun"] == "All" }

    /// Checks what every write has in its query.
    ///
    /// - Throws: ``APIFailure`` for a word that means nothing.
    func checkWriteOptions() throws(APIFailure) {
        if let text = query["dryRun"], !text.isEmpty, text != "All" {
            throw .badRequest("dryRun must be All, not \"\(text)\"")
        }
        _ = try fieldValidation()
    }

    /// What becomes of unknown and duplicate fields.
    enum FieldValidation: String {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    /// What becomes of unknown and duplicate fields.
    ///
    /// - Throws: ``APIFailure`` for another word.
    func fieldValidation() throws(APIFailure) -> FieldValidation {
        guard let text = query["fieldValidation"], !text.isEmpty else { return .warn }
        guard let validation = FieldValidation(rawValue: text) else {
            throw APIFailure.badRequest("fieldValidation must be Ignore, Warn or Strict, not \"\(text)\"")
        }
        return validation
    }
}

/// What the API answers.
struct APIAnswer: Sendable {
    /// Writes pieces of an answer that goes on and on, and returns when it is over or the task is cancelled.
    typealias Producer = @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void

    enum Body: Sendable {
        case whole([UInt8])
        case stream(Producer)
    }

    var status = 200
    var contentType = "application/json"
    var headers: [(name: String, value: String)] = []
    var body: Body

    /// An answer with an object.
    static func object(_ value: JSONValue, status: Int = 200, warnings: [String] = []) -> APIAnswer {
        bytes(value.serialized(), status: status, warnings: warnings)
    }

    /// An answer with an object's text.
    static func bytes(_ bytes: [UInt8], status: Int = 200, warnings: [String] = []) -> APIAnswer {
        APIAnswer(
            status: status,
            headers: warnings.map { ("warning", "299 - \"\($0.replacing("\"", with: "\\\""))\"") },
            body: .whole(bytes)
        )
    }

    static func failure(_ failure: APIFailure) -> APIAnswer {
        var answer = object(failure.status, status: failure.code)
        if let seconds = failure.retryAfter { answer.headers.append(("retry-after", String(seconds))) }
        return answer
    }
}
