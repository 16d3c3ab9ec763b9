import KargoCore

/// Reads the entries of a tar archive one after the other: of POSIX, of GNU, or of old.
struct TarReader {
    /// The archive can't be read.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// An entry of an archive.
    struct Entry {
        /// `0` for a file, `2` for a link, `5` for a directory.
        var type: UInt8
        var name: [UInt8]
        var target: [UInt8]
        var mode: UInt32
        var size: Int64
        var modified: Int64
    }

    /// A header that belongs to the next entry is not longer than this.
    private static let longestExtension: Int64 = 1 << 20

    private let source: (inout [UInt8]) throws -> Int
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    private var available = 0..<0
    private var consumed: Int64 = 0
    /// What is left of the current entry.
    private var content: Int64 = 0
    private var padding = 0
    /// Records for all entries that follow.
    private var defaults: [String: [UInt8]] = [:]

    /// - Parameter source: Fills a buffer with what comes next and says how much that is, 0 at the end.
    init(_ source: @escaping (inout [UInt8]) throws -> Int) { self.source = source }

    /// The next entry; nil at the end.
    mutating func next() throws -> Entry? {
        var records: [String: [UInt8]] = defaults
        while true {
            try skipContent()
            guard let block = try readBlock() else { return nil }
            var entry = try Self.entry(block)
            content = entry.size
            padding = TarHeader.padding(entry.size)
            switch entry.type {
            case UInt8(ascii: "x"):
                records.merge(try Self.records(try readExtension())) { $1 }
            case UInt8(ascii: "g"):
                defaults.merge(try Self.records(try readExtension())) { $1 }
                records = defaults
            case UInt8(ascii: "L"): records["path"] = Array(try readExtension().prefix { $0 != 0 })
            case UInt8(ascii: "K"): records["linkpath"] = Array(try readExtension().prefix { $0 != 0 })
            default:
                try apply(records, to: &entry)
                return entry
            }
        }
    }

    /// What comes next of the current entry; empty at its end.
    mutating func readContent() throws -> ArraySlice<UInt8> {
        if content == 0 { return [] }
        if available.isEmpty { try fill() }
        let part = available.prefix(Int(min(content, Int64(available.count))))
        guard !part.isEmpty else { throw Failure(description: "the archive ends too early") }
        available = part.endIndex..<available.upperBound
        content -= Int64(part.count)
        return buffer[part.startIndex..<part.endIndex]
    }

    private mutating func apply(_ records: [String: [UInt8]], to entry: inout Entry) throws {
        if let path = records["path"] { entry.name = path }
        if let target = records["linkpath"] { entry.target = target }
        if let time = records["mtime"], let seconds = Double(String(decoding: time, as: UTF8.self)) {
            entry.modified = Int64(exactly: seconds.rounded(.down)) ?? entry.modified
        }
        if let size = records["size"] {
            guard let size = Int64(String(decoding: size, as: UTF8.self)), size >= 0 else {
                throw Failure(description: "an entry has a malformed size")
            }
            entry.size = size
            content = size
            padding = TarHeader.padding(size)
        }
        // Old archives mark directories by their names only.
        if entry.type == 0 || entry.type == UInt8(ascii: "7") { entry.type = UInt8(ascii: "0") }
        if entry.type == UInt8(ascii: "0"), entry.name.last == UInt8(ascii: "/") { entry.type = UInt8(ascii: "5") }
        if entry.type != UInt8(ascii: "0"), entry.type == UInt8(ascii: "2") || entry.type == UInt8(ascii: "5") {
            // Neither has content, whatever its header says.
            entry.size = 0
        }
    }

    // MARK: Blocks

    private mutating func fill() throws {
        let count = try source(&buffer)
        available = 0..<count
        consumed += Int64(count)
        guard consumed <= ArchiveLimits.largestArchive else {
            throw Failure(description: "the archive holds more than \(ArchiveLimits.largestArchive) bytes")
        }
    }

    private mutating func skipContent() throws {
        while try !readContent().isEmpty {}
        content = Int64(padding)
        padding = 0
        while try !readContent().isEmpty {}
    }

    /// The next block; nil at the end, which two blocks of zeros mark, or nothing.
    private mutating func readBlock() throws -> [UInt8]? {
        if available.isEmpty { try fill() }
        if available.isEmpty { return nil }
        let block = try read(TarHeader.blockSize)
        return block.allSatisfy { $0 == 0 } ? nil : block
    }

    private mutating func readExtension() throws -> [UInt8] {
        guard content <= Self.longestExtension else { throw Failure(description: "an entry has a header too long") }
        return try read(Int(content))
    }

    private mutating func read(_ count: Int) throws -> [UInt8] {
        content = Int64(count)
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += try readContent() }
        return bytes
    }

    // MARK: Headers

    private static func entry(_ block: [UInt8]) throws -> Entry {
        let sum = block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element)) }
        guard let expected = number(block[148..<156]), expected == Int64(sum) else {
            throw Failure(description: "the file is no tar archive, or is damaged")
        }
        guard let size = number(block[124..<136]), size >= 0 else {
            throw Failure(description: "an entry has a malformed size")
        }
        var name = text(block[0..<100])
        if block[257..<263].elementsEqual("ustar\u{0}".utf8) {
            let prefix = text(block[345..<500])
            if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
        }
        return Entry(
            type: block[156],
            name: name,
            target: text(block[157..<257]),
            mode: UInt32(truncatingIfNeeded: number(block[100..<108]) ?? 0) & 0o777,
            size: size,
            modified: number(block[136..<148]) ?? 0
        )
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// A number in octal digits, or in binary as GNU writes large ones; nothing if it is neither.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(min(8, field.count - 1)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int64(exactly: value)
        }
        let digits = field.drop { $0 == 0x20 || $0 == 0 }.prefix { $0 != 0x20 && $0 != 0 }
        return digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    /// Records of the form `length key=value`.
    private static func records(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
        var records: [String: [UInt8]] = [:]
        var rest = bytes[...]
        while let space = rest.firstIndex(of: 0x20) {
            guard let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > 0, length <= rest.count,
                space < rest.startIndex + length,
                let equals = rest[space..<(rest.startIndex + length)].firstIndex(of: UInt8(ascii: "="))
            else { throw Failure(description: "an entry has a malformed header") }
            let end = rest.startIndex + length
            records[String(decoding: rest[(space + 1)..<equals], as: UTF8.self)] = Array(rest[(equals + 1)..<(end - 1)])
            rest = rest[end...]
        }
        return records
    }
}
