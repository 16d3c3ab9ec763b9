import KargoCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The answer to a call of an API.
struct APIResponse: Sendable {
    /// What was called, for messages.
    let call: String
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    /// The body as JSON; `null` if there is none.
    ///
    /// - Throws: ``APIFailure`` if it is something else.
    func json() throws(APIFailure) -> JSONValue {
        if body.isEmpty { return .null }
        do throws(SyntaxError) {
            return try JSONValue(parsing: body)
        } catch {
            throw APIFailure(code: .malformed, description: "\(call): the answer is not JSON: \(error)")
        }
    }

    /// The body as a value.
    ///
    /// - Throws: ``APIFailure`` if it is something else.
    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(APIFailure) -> Value {
        let json = try json()
        do throws(FieldError) {
            return try JSONValueDecoder().decode(type, from: json)
        } catch {
            throw APIFailure(code: .malformed, description: "\(call): the answer is not what was expected: \(error)")
        }
    }

    /// Whether the header `Link` says that there is another page.
    var hasNextPage: Bool {
        headers[canonicalForm: "Link"]
            .contains { link in
                link.split(separator: ";").dropFirst()
                    .contains { parameter in
                        let text = parameter.filter { !$0.isWhitespace && $0 != "\"" }.lowercased()
                        return text == "rel=next"
                    }
            }
    }

    /// The failure that a status is; nil for success.
    ///
    /// - Parameters:
    ///   - secrets: What must not be in a message.
    ///   - now: The time.
    /// - Returns: The failure, which names the reason that the service gives.
    func failure(hiding secrets: [String], now: Date = Date()) -> APIFailure? {
        let code: APIFailure.Code
        switch status {
        case 200..<300 where status != 203: return nil
        case 429,
            403 where isLimited:
            code = .limited(retryAfter: retryDelay(now: now))
        case 500...: code = .unavailable
        default: code = .refused(status: status)
        }
        var text = "\(call): \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)"
        let reason = reason(hiding: secrets)
        if !reason.isEmpty { text += ": \(reason)" }
        if case .limited(let delay) = code {
            text += "; too many requests, try again " + (delay.map { "in \(GoDuration($0))" } ?? "later")
        }
        return APIFailure(code: code, description: text, reason: reason)
    }

    /// GitHub says 403 for too many requests as well as for what is forbidden.
    private var isLimited: Bool {
        headers.contains(name: "Retry-After") || headers.first(name: "X-RateLimit-Remaining") == "0"
    }

    private func retryDelay(now: Date) -> Duration? {
        let longest = 3600.0
        if let text = headers.first(name: "Retry-After"), let seconds = Double(text), seconds >= 0 {
            return .seconds(min(seconds, longest))
        }
        for name in ["X-RateLimit-Reset", "RateLimit-Reset"] {
            guard let text = headers.first(name: name), let time = Double(text) else { continue }
            return .seconds(min(max(0, (time - now.timeIntervalSince1970).rounded(.up)), longest))
        }
        return nil
    }

    /// What the service says went wrong, in its own words.
    private func reason(hiding secrets: [String]) -> String {
        guard let json = try? json() else { return "" }
        var parts = [json["message"], json["error"]?["message"], json["error"], json["error_description"]]
            .compactMap { $0.map(\.reasonText) }
            .filter { !$0.isEmpty }
            .prefix(1)
        for problem in json["errors"]?.arrayValue ?? [] {
            if let text = problem.stringValue ?? problem["message"]?.stringValue ?? problem["code"]?.stringValue {
                parts.append(text)
            }
        }
        var text = parts.joined(separator: "; ")
        for secret in secrets where !secret.isEmpty { text = text.replacing(secret, with: "***") }
        return text.count > 500 ? text.prefix(500) + "…" : text
    }
}

extension JSONValue {
    /// GitLab says what is wrong as a text, a list or an object of lists.
    fileprivate var reasonText: String {
        switch self {
        case .string(let text): text
        case .array(let elements): elements.map(\.reasonText).joined(separator: ", ")
        case .object(let members) where members["message"] == nil:
            members.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.reasonText)" }.joined(separator: ", ")
        default: ""
        }
    }
}
