import KargoCore
import NIOHTTP1

/// What the expressions of a step see of a response.
struct ResponseEnvironment {
    /// The body is not what it says it is.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let environment: ExpressionEnvironment

    /// Reads a response.
    ///
    /// - Parameters:
    ///   - reply: The response.
    ///   - contentType: How to read its body, if its own header doesn't count.
    /// - Throws: ``Malformed``.
    init(_ reply: HTTPReply, contentType: String?) throws(Malformed) {
        var headers: [String: [ExpressionValue]] = [:]
        for (name, value) in reply.headers { headers[name.canonicalHeaderName, default: []].append(.string(value)) }
        let values = headers
        let header = ExpressionFunction("header", arity: 1...1) { arguments in
            values[try arguments.string(at: 0).canonicalHeaderName]?.first ?? ""
        }
        let declared = contentType ?? reply.headers.first(name: "Content-Type") ?? ""
        let body = try Self.body(reply.body, mediaType: declared.mediaType)
        environment = ExpressionEnvironment(variables: [
            "response": [
                "status": .int(Int64(reply.status)),
                "header": .function(header),
                "headers": .map(ExpressionMap(headers.mapValues(ExpressionValue.array))),
                "body": ExpressionValue(body, numbers: .exact),
            ]
        ])
    }

    /// What a body says; an empty object if it says nothing that can be read.
    private static func body(_ bytes: [UInt8], mediaType: String) throws(Malformed) -> JSONValue {
        if bytes.isEmpty { return [:] }
        let text = String(decoding: bytes, as: UTF8.self)
        switch mediaType {
        case "application/yaml", "text/yaml", "application/x-yaml":
            do throws(SyntaxError) {
                return try YAMLNode.firstDocument(in: text)?.jsonValue(duplicateKeys: .lastWins) ?? .null
            } catch {
                throw Malformed(description: "failed to parse YAML response: \(error)")
            }
        case "text/plain": return .string(text)
        default:
            do throws(SyntaxError) {
                return try JSONValue(parsing: text)
            } catch {
                // Nobody has promised JSON; what is none is passed over.
                guard mediaType == "application/json" else { return [:] }
                throw Malformed(description: "failed to parse JSON response: \(error)")
            }
        }
    }
}

extension String {
    /// The header's name as Go writes it: `x-request-id` is `X-Request-Id`.
    fileprivate var canonicalHeaderName: String {
        var isFirst = true
        let bytes = utf8.map { byte in
            defer { isFirst = byte == UInt8(ascii: "-") }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z") where isFirst: return byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z") where !isFirst: return byte + 32
            default: return byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The media type without parameters, in lower case.
    fileprivate var mediaType: String {
        prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
    }
}
