/// Ranges with a hyphen, `1.2 - 2.3`, which are short for two conditions.
enum VersionRange {
    /// Writes `1.2 - 2.3` as `>= 1.2, <= 2.3`.
    static func rewrite(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            guard let range = range(in: bytes, at: offset) else {
                result.append(bytes[offset])
                offset += 1
                continue
            }
            result += ">= ".utf8
            result += bytes[range.lower]
            result += ", <= ".utf8
            result += bytes[range.upper]
            result.append(UInt8(ascii: " "))
            offset = range.end
        }
        return result
    }

    /// The range that begins at an offset or after blanks there.
    private static func range(
        in bytes: [UInt8],
        at offset: Int
    ) -> (lower: Range<Int>, upper: Range<Int>, end: Int)? {
        var reader = VersionComparatorReader(bytes[...], at: offset)
        reader.skipBlanks()
        guard let lower = reader.skipVersion(), reader.skipHyphen(), let upper = reader.skipVersion() else {
            return nil
        }
        reader.skipBlanks()
        return (lower, upper, reader.offset)
    }
}
