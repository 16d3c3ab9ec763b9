extension String {
    /// Whether an object could be called so: lower case letters, digits, `-` and `.`, of which it neither begins nor
    /// ends with the latter.
    var isObjectName: Bool {
        let isLetterOrDigit = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = utf8.first, let last = utf8.last, isLetterOrDigit(first), isLetterOrDigit(last) else {
            return false
        }
        return utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}
