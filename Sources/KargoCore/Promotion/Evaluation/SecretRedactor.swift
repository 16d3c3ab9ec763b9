import Synchronization

/// Keeps the values of Secrets out of texts for people.
///
/// A value is found as it is, in base64, percent-encoded, and as JSON and Go write it in quotes; of a value of several
/// lines each longer line by itself, and of a JSON document each string in it. What an expression makes of a value
/// otherwise, such as a part of it, is not recognised.
public final class SecretRedactor: Sendable {
    private struct Pattern: Sendable {
        var search: ByteSearch
        var length: Int
    }

    private struct State {
        /// The values as they were added.
        var values: Set<String> = []
        /// The forms of them that are replaced.
        var known: Set<String> = []
        var patterns: [Pattern] = []
    }

    /// What stands in place of a value.
    public static let mask = "***"
    /// A shorter value is only replaced where it is a word: `a` must not disfigure every message.
    private static let shortestAnywhere = 4
    /// A shorter line of a longer value says nothing by itself, such as `}`.
    private static let shortestLine = 8

    private let state = Mutex(State())

    /// Makes a redactor that knows no values.
    public init() {}

    /// Adds a value that no text may show.
    public func add(_ secret: String) {
        guard state.withLock({ $0.values.insert(secret).inserted }) else { return }
        let forms = Self.forms(of: secret)
        state.withLock { state in
            for form in forms where !form.isEmpty && state.known.insert(form).inserted {
                state.patterns.append(Pattern(search: ByteSearch(form), length: form.utf8.count))
            }
        }
    }

    /// The text with ``mask`` in place of the values.
    public func redact(_ text: String) -> String {
        let patterns = state.withLock(\.patterns)
        if patterns.isEmpty || text.isEmpty { return text }
        let bytes = Array(text.utf8)
        var ranges: [Range<Int>] = []
        for pattern in patterns where pattern.length <= bytes.count {
            for offset in pattern.search.offsets(in: bytes, limit: .max) {
                let range = offset..<offset + pattern.length
                if pattern.length >= Self.shortestAnywhere || Self.isWord(range, in: bytes) { ranges.append(range) }
            }
        }
        if ranges.isEmpty { return text }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        var result = ""
        var end = 0
        for range in ranges {
            if range.lowerBound >= end {
                result += String(decoding: bytes[end..<range.lowerBound], as: UTF8.self) + Self.mask
            }
            end = max(end, range.upperBound)
        }
        return result + String(decoding: bytes[end...], as: UTF8.self)
    }

    private static func forms(of secret: String) -> Set<String> {
        let text = trimmed(secret)
        var forms: Set<String> = [text]
        forms.insert(GoBase64.encode(Array(secret.utf8)))
        forms.insert(GoBase64.encode(Array(text.utf8)))
        for quoted in [JSONValue.string(text).text(), GoQuote.quote(text)] {
            forms.insert(String(quoted.dropFirst().dropLast()))
        }
        forms.insert(text.percentEncoded)
        for line in text.split(whereSeparator: \.isNewline).map(trimmed) where line.utf8.count >= shortestLine {
            forms.insert(line)
        }
        if text.hasPrefix("{") || text.hasPrefix("["), let json = try? JSONValue(parsing: text) {
            for leaf in json.strings where leaf.utf8.count >= shortestAnywhere { forms.insert(leaf) }
        }
        return forms
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.endIndex
        return String(start[..<end])
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    private static func isWord(_ range: Range<Int>, in bytes: [UInt8]) -> Bool {
        let isPart = { (offset: Int) in
            guard bytes.indices.contains(offset) else { return false }
            return isAlphanumeric(bytes[offset]) || bytes[offset] == UInt8(ascii: "_") || bytes[offset] >= 0x80
        }
        return !isPart(range.lowerBound - 1) && !isPart(range.upperBound)
    }
}

extension JSONValue {
    /// The strings in it, at any depth.
    fileprivate var strings: [String] {
        switch self {
        case .null, .bool, .int, .double: []
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.strings)
        case .object(let members): members.values.flatMap(\.strings)
        }
    }
}
