import KargoCore

/// Finds comments and blank lines.
enum YAMLNotes {
    /// What stands around the scalars of a document.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - leaves: Where scalars and aliases stand.
    ///   - end: Where the document ends.
    /// - Returns: Comments with their `#`, and blank lines as empty ones, in order.
    static func notes(in bytes: [UInt8], around leaves: [Range<Int>], until end: Int) -> [YAMLPartReader.Note] {
        var notes: [YAMLPartReader.Note] = []
        var rest = leaves.sorted { $0.lowerBound < $1.lowerBound }[...]
        var place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var lineStart = place
        var isBlank = true
        while place < end {
            if let leaf = rest.first, leaf.lowerBound <= place {
                rest.removeFirst()
                if leaf.upperBound > place {
                    isBlank = false
                    place = leaf.upperBound
                    // The lines of a block scalar end with one.
                    if bytes[place - 1] == 0x0A { (lineStart, isBlank) = (place, true) }
                }
                continue
            }
            switch bytes[place] {
            case 0x0A:
                if isBlank { notes.append(YAMLPartReader.Note(offset: lineStart, text: "", isOwnLine: true)) }
                place += 1
                lineStart = place
                isBlank = true
                continue
            case UInt8(ascii: "#") where place == 0 || bytes[place - 1] <= 0x20 || place == lineStart:
                let text = bytes[place..<end].prefix { $0 != 0x0A }
                let comment = String(decoding: text.last == 0x0D ? text.dropLast() : text, as: UTF8.self)
                notes.append(YAMLPartReader.Note(offset: place, text: comment, isOwnLine: isBlank))
                place = text.endIndex
                isBlank = false
                continue
            case 0x20, 0x09, 0x0D: break
            default: isBlank = false
            }
            place += 1
        }
        return notes
    }
}

/// The tag and the anchor in front of a node.
struct YAMLProperties {
    private(set) var tag: String?
    private(set) var anchor: String?
    /// Where the node itself begins.
    private(set) var end: Int

    init(of node: YAMLNode, in bytes: ArraySlice<UInt8>) {
        end = bytes.startIndex
        guard node.tag != nil || node.isAnchored else { return }
        while end < bytes.endIndex {
            switch bytes[end] {
            case UInt8(ascii: "&") where node.isAnchored && anchor == nil: anchor = takeWord(bytes)
            case UInt8(ascii: "!") where node.tag != nil && tag == nil: tag = takeWord(bytes)
            case UInt8(ascii: "#"): end = bytes[end...].firstIndex(of: 0x0A) ?? bytes.endIndex
            case 0x20, 0x09, 0x0A, 0x0D: end += 1
            default: return
            }
            let isDone = (tag != nil || node.tag == nil) && (anchor != nil || !node.isAnchored)
            if isDone {
                let next = bytes[end...].firstIndex { $0 > 0x20 } ?? bytes.endIndex
                let isEmpty = if case .scalar("", isPlain: true) = node.content { true } else { false }
                if !isEmpty { end = next }
                return
            }
        }
    }

    private mutating func takeWord(_ bytes: ArraySlice<UInt8>) -> String {
        let word = bytes[end...].prefix { $0 > 0x20 && !",]}".utf8.contains($0) }
        end = word.endIndex
        return String(decoding: word, as: UTF8.self)
    }
}
