import KargoCore

/// The name of an entry of a directory: bytes, as the file system has them, and never `.` or `..`.
struct FileName: Sendable, Hashable, Comparable, CustomStringConvertible {
    let bytes: [UInt8]

    /// Nothing if the bytes are not the name of an entry.
    init?(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        if self.bytes.isEmpty || self.bytes.contains(0) || self.bytes.contains(UInt8(ascii: "/")) { return nil }
        if self.bytes.elementsEqual(".".utf8) || self.bytes.elementsEqual("..".utf8) { return nil }
    }

    /// A name for what is written before it is given its own name.
    ///
    /// It is the same each time, so that what a killed process has left is replaced when its step runs again.
    var temporary: FileName {
        FileName(known: Array(".kargo-\(Digest.sha256(bytes).prefix(8).hexadecimal).tmp".utf8))
    }

    private init(known bytes: [UInt8]) { self.bytes = bytes }

    /// The name as text; what is not UTF-8 is replaced.
    var description: String { String(decoding: bytes, as: UTF8.self) }

    static func < (left: FileName, right: FileName) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// Lends the name to a call of the system.
    func withCString<Result>(
        _ body: (UnsafePointer<CChar>) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try (bytes + [0])
            .withUnsafeBufferPointer { buffer throws(SystemError) in
                try buffer.withMemoryRebound(to: CChar.self) { text throws(SystemError) in
                    guard let start = text.baseAddress else {
                        preconditionFailure("an array with elements has an address")
                    }
                    return try body(start)
                }
            }
    }
}

/// A way from the work directory down to a file; empty for the work directory itself.
struct FilePath: Sendable, Hashable, CustomStringConvertible {
    var names: [FileName]

    init(_ names: [FileName] = []) { self.names = names }

    /// The names with slashes in between; a dot for the work directory.
    var description: String { names.isEmpty ? "." : names.map(\.description).joined(separator: "/") }

    func appending(_ name: FileName) -> FilePath { FilePath(names + [name]) }
}

/// A path as somebody has written it.
struct WrittenPath: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case parent
        case name(FileName)
    }

    let isAbsolute: Bool
    let parts: [Part]

    /// Nothing if the path contains a zero byte.
    init?(_ bytes: some Collection<UInt8>) {
        isAbsolute = bytes.first == UInt8(ascii: "/")
        var parts: [Part] = []
        for part in bytes.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual("..".utf8) {
                parts.append(.parent)
            } else if let name = FileName(part) {
                parts.append(.name(name))
            } else if !part.elementsEqual(".".utf8) {
                return nil
            }
        }
        self.parts = parts
    }

    /// The path with each `..` and the name before it taken out; nothing if it leads above where it begins.
    var cleaned: [FileName]? {
        var names: [FileName] = []
        for part in parts {
            switch part {
            case .name(let name): names.append(name)
            case .parent: if names.popLast() == nil { return nil }
            }
        }
        return names
    }
}
