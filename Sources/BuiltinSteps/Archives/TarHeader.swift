import KargoCore

/// What precedes a file in a tar archive.
struct TarHeader: Sendable, Hashable {
    enum Kind: UInt8, Sendable {
        case file = 0x30
        case link = 0x32
        case directory = 0x35
    }

    static let blockSize = 512

    var kind: Kind
    /// The path, with slashes; of a directory with one at the end.
    var name: [UInt8]
    /// What a link leads to.
    var target: [UInt8] = []
    var mode: UInt32
    var owner: UInt32
    var group: UInt32
    var size: Int64 = 0
    var modified: Int64

    /// The header's blocks, in the format of POSIX: what ustar can't hold is in a header before it.
    var blocks: [UInt8] {
        var extended: [UInt8] = []
        let place = Self.split(name)
        if place == nil { extended += Self.record("path", name) }
        if target.count > 100 { extended += Self.record("linkpath", target) }
        var bytes: [UInt8] = []
        if !extended.isEmpty {
            bytes += block(
                type: UInt8(ascii: "x"),
                name: Array("PaxHeader".utf8)[...],
                prefix: [],
                size: extended.count
            )
            bytes += extended + [UInt8](repeating: 0, count: Self.padding(Int64(extended.count)))
        }
        bytes += block(
            type: kind.rawValue,
            name: place?.name ?? name.prefix(100),
            prefix: place?.prefix ?? [],
            size: Int(size)
        )
        return bytes
    }

    /// How many bytes fill up the last block of a content.
    static func padding(_ size: Int64) -> Int { Int((512 - size % 512) % 512) }

    /// A name in two parts that fit; nothing if there are none.
    private static func split(_ name: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        if name.contains(where: { $0 >= 0x80 }) { return nil }
        if name.count <= 100 { return ([], name[...]) }
        let slash = name.indices.dropLast()
            .first { name[$0] == UInt8(ascii: "/") && name.count - $0 - 1 <= 100 && $0 <= 155 && $0 > 0 }
        return slash.map { (name[..<$0], name[($0 + 1)...]) }
    }

    /// `length key=value`, where the length counts itself.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + [0x0A]
        var length = rest.count
        while String(length).utf8.count + rest.count != length { length = String(length).utf8.count + rest.count }
        return Array(String(length).utf8) + rest
    }

    private func block(type: UInt8, name: ArraySlice<UInt8>, prefix: ArraySlice<UInt8>, size: Int) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            block.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        func put(_ number: some BinaryInteger, digits: Int, at offset: Int) {
            let text = String(max(0, number), radix: 8)
            // What has no room, such as the ID of a user of a directory service, is left out.
            let fits = text.utf8.count <= digits
            put((fits ? String(repeating: "0", count: digits - text.utf8.count) + text : "0").utf8, at: offset)
        }
        put(name, at: 0)
        put(mode, digits: 7, at: 100)
        put(owner, digits: 7, at: 108)
        put(group, digits: 7, at: 116)
        put(size, digits: 11, at: 124)
        put(modified, digits: 11, at: 136)
        block[156] = type
        put(target.prefix(100), at: 157)
        put("ustar\u{0}00".utf8, at: 257)
        put(prefix, at: 345)
        put(repeatElement(0x20, count: 8), at: 148)
        let sum = block.reduce(0) { $0 + Int($1) }
        put(sum, digits: 6, at: 148)
        block[154] = 0
        return block
    }
}
