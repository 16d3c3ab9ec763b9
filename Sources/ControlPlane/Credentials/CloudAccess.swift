import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What providers need to ask GitHub and the clouds.
struct CloudAccess: Sendable {
    let transport: any CloudTransport
    let now: @Sendable () -> Date
    let sleep: @Sendable (Duration) async throws -> Void

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - purpose: What it is for, as it reads after "can't": `get a token of GitHub`.
    /// - Returns: The answer.
    /// - Throws: ``CredentialsFailure`` if there is no answer; `CancellationError`.
    func send(_ request: CloudRequest, to purpose: String) async throws -> CloudResponse {
        do {
            return try await transport.send(request)
        } catch {
            try Task.checkCancellation()
            throw CredentialsFailure("can't \(purpose): \(error)")
        }
    }

    /// Sends a request whose answer is a JSON object.
    ///
    /// - Throws: ``CredentialsFailure`` if the answer is another one; `CancellationError`.
    func object(_ request: CloudRequest, to purpose: String) async throws -> JSONValue {
        try object(try await send(request, to: purpose), to: purpose)
    }

    /// The JSON object of an answer.
    func object(_ response: CloudResponse, to purpose: String) throws(CredentialsFailure) -> JSONValue {
        guard (200...299).contains(response.status) else { throw refusal(response, to: purpose) }
        guard let document = try? JSONValue(parsing: response.body), document.objectValue != nil else {
            throw CredentialsFailure("can't \(purpose): the answer is not a JSON object")
        }
        return document
    }

    /// What an answer of failure says; of its body only fields are shown that are meant to be.
    func refusal(_ response: CloudResponse, to purpose: String) -> CredentialsFailure {
        let document = try? JSONValue(parsing: response.body)
        let reason =
            document?["message"]?.stringValue ?? document?["error_description"]?.stringValue
            ?? document?[path: "error", "message"]?.stringValue ?? document?["__type"]?.stringValue
            ?? document?["error"]?.stringValue
            ?? XMLElements(response.body).first("Code")
        return CredentialsFailure(
            "can't \(purpose): status \(response.status)" + (reason.map { " (\($0.prefix(300)))" } ?? "")
        )
    }

    /// The text of a file.
    ///
    /// - Throws: ``CredentialsFailure``.
    func file(_ path: String) throws(CredentialsFailure) -> String {
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(validating: data, as: UTF8.self)
        else { throw CredentialsFailure("can't read the file \(path)") }
        let first = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let last = text.lastIndex { !$0.isWhitespace }.map(text.index(after:)) ?? first
        return String(text[first..<last])
    }
}

/// A form as a request's body.
enum FormBody {
    static let contentType = ("Content-Type", "application/x-www-form-urlencoded")

    static func bytes(_ fields: [(String, String)]) -> [UInt8] {
        Array(fields.map { "\($0.0.percentEncoded)=\($0.1.percentEncoded)" }.joined(separator: "&").utf8)
    }
}

/// Elements of a document in XML that hold nothing but text without entities, as AWS answers.
struct XMLElements {
    private let text: String

    init(_ bytes: [UInt8]) { text = String(decoding: bytes, as: UTF8.self) }

    /// The content of the first element of a name.
    func first(_ name: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>"),
            let end = text[start.upperBound...].firstRange(of: "</\(name)>")
        else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }
}
