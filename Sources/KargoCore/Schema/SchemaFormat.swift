/// A format of strings that schemas of steps name; the rules are those of Kargo's validator.
enum SchemaFormat: String {
    /// A scheme and what it makes of the rest; no backslashes, so that `git@host:path` is none.
    case uri
    /// An address of RFC 5322, with or without a name: `Ann <ann@example.com>`.
    case email

    func allows(_ text: String) -> Bool {
        switch self {
        case .uri: Self.isURI(text)
        case .email: Self.isAddress(text)
        }
    }

    private static func isURI(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = text.utf8[..<colon]
        guard let first = scheme.first, first.isASCIILetter,
            scheme.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "+-.".utf8.contains($0) })
        else { return false }
        return !text.utf8.contains { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }
    }

    private static func isAddress(_ text: String) -> Bool {
        let text = text.utf8.drop { $0 == 0x20 }
        guard text.last == UInt8(ascii: ">") else { return isBareAddress(text) }
        guard let open = text.lastIndex(of: UInt8(ascii: "<")) else { return false }
        let name = text[..<open]
        let isQuoted = name.first == UInt8(ascii: "\"")
        return isBareAddress(text[text.index(after: open)...].dropLast())
            && (isQuoted || !name.contains { "<>@,;:\\\"[]()".utf8.contains($0) })
    }

    private static func isBareAddress(_ text: Substring.UTF8View) -> Bool {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let local = text[..<at]
        let domain = text[text.index(after: at)...]
        let isQuoted = local.count > 2 && local.first == UInt8(ascii: "\"") && local.last == UInt8(ascii: "\"")
        let isLiteral = domain.count > 2 && domain.first == UInt8(ascii: "[") && domain.last == UInt8(ascii: "]")
        return (isQuoted || isDotAtom(local)) && (isLiteral || isDotAtom(domain))
    }

    private static func isDotAtom(_ text: Substring.UTF8View) -> Bool {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { atom in
                !atom.isEmpty
                    && atom.allSatisfy { byte in
                        byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80
                            || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
                    }
            }
    }
}

extension UInt8 {
    package var isASCIILetter: Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self & 0xDF)
    }

    package var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
