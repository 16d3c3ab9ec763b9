/// Reads the conditions between two `||`.
struct VersionComparatorReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    /// Where the parts of a version stand.
    private struct Parts {
        var range: Range<Int>
        /// The parts between the dots.
        var numbers: [Range<Int>] = []
        /// With its hyphen.
        var prerelease: Range<Int>
    }

    init(_ bytes: ArraySlice<UInt8>, at offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    static func comparators(in bytes: ArraySlice<UInt8>) throws(ValueError) -> [VersionComparator] {
        var reader = VersionComparatorReader(bytes, at: bytes.startIndex)
        return try reader.readAll()
    }

    private mutating func readAll() throws(ValueError) -> [VersionComparator] {
        var comparators: [VersionComparator] = []
        skipBlanks()
        repeat {
            comparators.append(try readComparator())
            let end = offset
            skipBlanks()
            if offset < bytes.endIndex, bytes[offset] == UInt8(ascii: ",") {
                offset += 1
                skipBlanks()
                guard offset < bytes.endIndex else { throw Self.malformed }
            } else if offset == end, offset < bytes.endIndex {
                throw Self.malformed
            }
        } while offset < bytes.endIndex
        return comparators
    }

    private mutating func readComparator() throws(ValueError) -> VersionComparator {
        let relation = readRelation()
        skipBlanks()
        guard let parts = scanVersion() else { throw Self.malformed }
        let wildcard: VersionComparator.Wildcard =
            switch parts.numbers.firstIndex(where: isAny) ?? parts.numbers.count {
            case 0: .major
            case 1: .minor
            case 2: .patch
            default: .none
            }
        // What follows a wildcard does not count, and need not even be a number.
        let known: [String] =
            switch wildcard {
            case .major: []
            case .minor: [text(parts.numbers[0])]
            case .patch: [text(parts.numbers[0]), text(parts.numbers[1])]
            case .none: parts.numbers.map(text)
            }
        let numbers = known + Array(repeating: "0", count: 3 - known.count)
        let suffix = wildcard == .none ? parts.prerelease.lowerBound..<parts.range.upperBound : parts.prerelease
        return VersionComparator(
            relation: relation,
            version: try SemanticVersion(numbers.joined(separator: ".") + text(suffix)),
            wildcard: wildcard,
            text: text(parts.range)
        )
    }

    private mutating func readRelation() -> VersionComparator.Relation {
        for length in [2, 1] {
            let end = min(offset + length, bytes.endIndex)
            let text = text(offset..<end)
            if let relation = VersionComparator.Relation(rawValue: text) {
                offset = end
                return relation
            }
        }
        return .matches
    }

    /// Passes over a version with wildcards, if one stands here.
    ///
    /// - Returns: Its range.
    mutating func skipVersion() -> Range<Int>? { scanVersion()?.range }

    private mutating func scanVersion() -> Parts? {
        let start = offset
        if offset < bytes.endIndex, bytes[offset] == UInt8(ascii: "v") { offset += 1 }
        guard let first = skip(while: Self.isNumberByte) else {
            offset = start
            return nil
        }
        var parts = Parts(range: start..<offset, numbers: [first], prerelease: offset..<offset)
        while parts.numbers.count < 3, let number = skip(after: ".", while: Self.isNumberByte) {
            parts.numbers.append(number)
        }
        let end = offset
        skipIdentifiers(after: "-")
        parts.prerelease = end..<offset
        skipIdentifiers(after: "+")
        parts.range = start..<offset
        return parts
    }

    private mutating func skipIdentifiers(after sign: Unicode.Scalar) {
        guard skip(after: sign, while: VersionReader.isIdentifierByte) != nil else { return }
        while skip(after: ".", while: VersionReader.isIdentifierByte) != nil {}
    }

    /// Passes over a hyphen between blanks, if one stands here.
    mutating func skipHyphen() -> Bool {
        guard skip(while: Self.isBlank) != nil, skip(while: { $0 == UInt8(ascii: "-") })?.count == 1 else {
            return false
        }
        return skip(while: Self.isBlank) != nil
    }

    mutating func skipBlanks() { _ = skip(while: Self.isBlank) }

    private mutating func skip(after sign: Unicode.Scalar, while condition: (UInt8) -> Bool) -> Range<Int>? {
        guard offset < bytes.endIndex, bytes[offset] == UInt8(ascii: sign) else { return nil }
        offset += 1
        if let range = skip(while: condition) { return range }
        offset -= 1
        return nil
    }

    private mutating func skip(while condition: (UInt8) -> Bool) -> Range<Int>? {
        let start = offset
        while offset < bytes.endIndex, condition(bytes[offset]) { offset += 1 }
        return offset == start ? nil : start..<offset
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isAny(_ range: Range<Int>) -> Bool {
        range.count == 1 && "xX*".utf8.contains(bytes[range.lowerBound])
    }

    /// The original's character class has a `|` in it, which makes no difference but behind a wildcard.
    static func isNumberByte(_ byte: UInt8) -> Bool { VersionReader.isDigit(byte) || "|xX*".utf8.contains(byte) }

    /// `\s` of RE2.
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0C || byte == 0x0D
    }

    private static let malformed = ValueError(
        message: "this is no constraint on versions; write for example ^1.2, ~1.2.3, 1.x or \">=1.2 <2\""
    )
}
