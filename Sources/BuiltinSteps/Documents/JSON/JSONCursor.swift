import KargoCore

/// Finds its way through the bytes of a JSON text that is known to be well-formed.
struct JSONCursor {
    /// A member of an object.
    struct Member {
        let key: String
        /// Where the key begins.
        let start: Int
        let value: Range<Int>
    }

    let bytes: [UInt8]

    /// The first byte at a place or behind it that is no white space.
    func token(from place: Int) -> Int {
        bytes[place...].firstIndex { $0 > 0x20 } ?? bytes.endIndex
    }

    /// Where the value ends that begins at a place.
    func end(ofValueAt start: Int) -> Int {
        switch bytes[start] {
        case UInt8(ascii: "\""): return end(ofStringAt: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            var place = start
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "\""):
                    place = end(ofStringAt: place)
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return place + 1 }
                default: break
                }
                place += 1
            }
            return bytes.count
        default:
            return bytes[start...].firstIndex { $0 <= 0x20 || ",]}".utf8.contains($0) } ?? bytes.count
        }
    }

    private func end(ofStringAt start: Int) -> Int {
        var place = start + 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""): return place + 1
            default: place += 1
            }
        }
        return bytes.count
    }

    /// The members of the object that begins at a place.
    func members(ofObjectAt start: Int) -> [Member] {
        var members: [Member] = []
        var place = token(from: start + 1)
        while place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
            let keyEnd = end(ofStringAt: place)
            let key = try? JSONValue(parsing: Array(bytes[place..<keyEnd])).stringValue
            let value = token(from: token(from: keyEnd) + 1)
            let valueEnd = end(ofValueAt: value)
            members.append(Member(key: key ?? "", start: place, value: value..<valueEnd))
            place = token(from: valueEnd)
            if place < bytes.count, bytes[place] == UInt8(ascii: ",") { place = token(from: place + 1) }
        }
        return members
    }

    /// The elements of the array that begins at a place.
    func elements(ofArrayAt start: Int) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var place = token(from: start + 1)
        while place < bytes.count, bytes[place] != UInt8(ascii: "]") {
            let end = end(ofValueAt: place)
            elements.append(place..<end)
            place = token(from: end)
            if place < bytes.count, bytes[place] == UInt8(ascii: ",") { place = token(from: place + 1) }
        }
        return elements
    }
}
