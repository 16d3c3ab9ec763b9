import KargoCore

/// Reads tokens of a text byte by byte.
protocol ByteScanner {
    var bytes: [UInt8] { get }
    /// Where the next byte stands.
    var offset: Int { get set }
}

extension ByteScanner {
    /// The next byte, or one behind it.
    func peek(_ distance: Int = 0) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    mutating func consume(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: scalar) else { return false }
        offset += 1
        return true
    }

    /// An error at a place; at the next byte if none is given.
    func error(_ message: String, at place: Int? = nil) -> SyntaxError {
        let place = min(place ?? offset, bytes.count)
        let head = bytes[..<place]
        let line = head.reduce(into: 1) { line, byte in if byte == 0x0A { line += 1 } }
        return SyntaxError(message: message, line: line, column: place - (head.lastIndex(of: 0x0A) ?? -1))
    }
}
