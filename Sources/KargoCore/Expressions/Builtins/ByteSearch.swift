/// Finds a sequence of bytes in others in linear time (Knuth, Morris and Pratt).
struct ByteSearch {
    private let needle: [UInt8]
    /// For each length of a matched beginning, the length of its longest proper border.
    private let borders: [Int]

    /// Prepares the search for a sequence.
    ///
    /// - Parameter needle: The bytes to find, at least one.
    init(_ needle: String) {
        self.needle = Array(needle.utf8)
        var borders = [0, 0]
        borders.reserveCapacity(self.needle.count + 1)
        var length = 0
        for byte in self.needle.dropFirst() {
            while length > 0, self.needle[length] != byte { length = borders[length] }
            if self.needle[length] == byte { length += 1 }
            borders.append(length)
        }
        self.borders = borders
    }

    /// The offset of the first occurrence.
    func firstOffset(in text: [UInt8], from start: Int = 0) -> Int? {
        var matched = 0
        var offset = start
        while offset < text.count, needle.count - matched <= text.count - offset {
            advance(&matched, over: text[offset])
            offset += 1
            if matched == needle.count { return offset - needle.count }
        }
        return nil
    }

    /// The offset of the last occurrence.
    func lastOffset(in text: [UInt8]) -> Int? {
        var matched = 0
        var last: Int?
        for (offset, byte) in text.enumerated() {
            advance(&matched, over: byte)
            if matched == needle.count { last = offset + 1 - needle.count }
        }
        return last
    }

    /// The offsets of occurrences that do not overlap, from the left.
    func offsets(in text: [UInt8], limit: Int) -> [Int] {
        var offsets: [Int] = []
        var start = 0
        while offsets.count < limit, let offset = firstOffset(in: text, from: start) {
            offsets.append(offset)
            start = offset + needle.count
        }
        return offsets
    }

    private func advance(_ matched: inout Int, over byte: UInt8) {
        if matched == needle.count { matched = borders[matched] }
        while matched > 0, needle[matched] != byte { matched = borders[matched] }
        if needle[matched] == byte { matched += 1 }
    }
}
