extension SemanticVersion {
    /// A text longer than this is no version; nobody writes one.
    static let maximumBytes = 512

    /// Reads a version leniently: there may be a `v` before it, the second and third number may be missing, and
    /// numbers may begin with zeros.
    ///
    /// - Throws: ``ValueError`` if the text is no version.
    public init(_ text: String) throws(ValueError) {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "v") { rest.removeFirst() }
        var numbers = Numbers()
        numbers.major = try VersionReader.takeNumber(&rest)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            numbers.minor = try VersionReader.takeNumber(&rest)
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                numbers.patch = try VersionReader.takeNumber(&rest)
            }
        }
        self = try VersionReader.version(numbers, suffix: rest, original: text)
    }

    /// Reads a version by the letter of the specification: three numbers without leading zeros, and no `v`.
    ///
    /// - Parameter text: The version.
    /// - Throws: ``ValueError`` if the text is no such version.
    public init(strict text: String) throws(ValueError) {
        var rest = text.utf8[...]
        var numbers = Numbers()
        numbers.major = try VersionReader.takeStrictNumber(&rest)
        try VersionReader.takePoint(&rest)
        numbers.minor = try VersionReader.takeStrictNumber(&rest)
        try VersionReader.takePoint(&rest)
        numbers.patch = try VersionReader.takeStrictNumber(&rest)
        self = try VersionReader.version(numbers, suffix: rest, original: text)
    }
}

/// The parts of which versions are made.
enum VersionReader {
    typealias Text = Substring.UTF8View

    static func takeNumber(_ rest: inout Text) throws(ValueError) -> UInt64 {
        let digits = rest.prefix(while: isDigit)
        guard !digits.isEmpty else { throw malformed }
        guard let number = number(digits) else {
            throw ValueError(message: "a number of the version does not fit 64 bits")
        }
        rest = rest[digits.endIndex...]
        return number
    }

    static func takeStrictNumber(_ rest: inout Text) throws(ValueError) -> UInt64 {
        if rest.first == UInt8(ascii: "0"), let next = rest.dropFirst().first, isDigit(next) { throw leadingZero }
        return try takeNumber(&rest)
    }

    static func takePoint(_ rest: inout Text) throws(ValueError) {
        guard rest.popFirst() == UInt8(ascii: ".") else { throw malformed }
    }

    /// Reads `-prerelease` and `+metadata`, to which nothing may follow.
    static func version(
        _ numbers: SemanticVersion.Numbers,
        suffix: Text,
        original: String
    ) throws(ValueError) -> SemanticVersion {
        var rest = suffix
        var prerelease = ""
        var metadata = ""
        try checkLength(original)
        if rest.first == UInt8(ascii: "-") {
            let part = rest.dropFirst().prefix { $0 != UInt8(ascii: "+") }
            try checkPrerelease(part)
            prerelease = String(Substring(part))
            rest = rest[part.endIndex...]
        }
        if rest.first == UInt8(ascii: "+") {
            try checkMetadata(rest.dropFirst())
            metadata = String(Substring(rest.dropFirst()))
            rest = rest[rest.endIndex...]
        }
        guard rest.isEmpty else { throw malformed }
        return SemanticVersion(numbers, prerelease: prerelease, metadata: metadata, original: original)
    }

    static func checkLength(_ text: String) throws(ValueError) {
        guard text.utf8.count <= SemanticVersion.maximumBytes else {
            throw ValueError(message: "a version has \(SemanticVersion.maximumBytes) bytes at most")
        }
    }

    static func checkPrerelease(_ text: Text) throws(ValueError) {
        for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard isIdentifier(part) else { throw ValueError(message: "the pre-release of the version is malformed") }
            if part.count > 1, part.first == UInt8(ascii: "0"), part.allSatisfy(isDigit) { throw leadingZero }
        }
    }

    static func checkMetadata(_ text: Text) throws(ValueError) {
        for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard isIdentifier(part) else { throw ValueError(message: "the metadata of the version is malformed") }
        }
    }

    static func isIdentifier(_ part: Text) -> Bool { !part.isEmpty && part.allSatisfy(isIdentifierByte) }

    static func isIdentifierByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "-")
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// The number that consists of decimal digits only, if it fits.
    static func number(_ digits: Text) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !isTooLarge, !overflow else { return nil }
            number = sum
        }
        return number
    }

    static let malformed = ValueError(message: "this is no semantic version; write for example 1.2.3 or 1.2.3-rc.1")
    private static let leadingZero = ValueError(message: "a number of the version begins with 0")
}
