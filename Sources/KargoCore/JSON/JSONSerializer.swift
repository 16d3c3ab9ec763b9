extension JSONValue {
    /// How a JSON text is written.
    public struct SerializationOptions: OptionSet, Sendable {
        /// The set as bits.
        public let rawValue: Int

        /// Makes a set from bits.
        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Members in the order of their names' UTF-8 bytes, as Go writes maps.
        public static let sortedKeys = SerializationOptions(rawValue: 1)
        /// One member or element to a line, indented by two spaces.
        public static let indented = SerializationOptions(rawValue: 2)
        /// `<`, `>` and `&` as `\u003c` and so on, as Go's `encoding/json` does by default.
        public static let htmlSafe = SerializationOptions(rawValue: 4)
    }

    /// The JSON text in UTF-8.
    ///
    /// Numbers are written as Go's `encoding/json` writes them. A number that JSON can't hold (infinity, not a
    /// number) becomes `null`.
    public func serialized(_ options: SerializationOptions = []) -> [UInt8] {
        var serializer = JSONSerializer(options: options)
        serializer.write(self)
        return serializer.bytes
    }

    /// The JSON text; see ``serialized(_:)``.
    public func text(_ options: SerializationOptions = .sortedKeys) -> String {
        String(decoding: serialized(options), as: UTF8.self)
    }
}

private struct JSONSerializer {
    let options: JSONValue.SerializationOptions
    var bytes: [UInt8] = []
    var level = 0

    init(options: JSONValue.SerializationOptions) {
        self.options = options
        bytes.reserveCapacity(256)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): bytes.append(contentsOf: value ? "true".utf8 : "false".utf8)
        case .int(let value): bytes.append(contentsOf: String(value).utf8)
        case .double(let value):
            bytes.append(contentsOf: value.isFinite ? GoNumber.json(value).utf8 : "null".utf8)
        case .string(let value): write(value)
        case .array(let elements):
            writeItems(elements, open: "[", close: "]") { serializer, element in serializer.write(element) }
        case .object(let members):
            let write: (inout JSONSerializer, (key: String, value: JSONValue)) -> Void = { serializer, member in
                serializer.write(member.key)
                serializer.bytes.append(UInt8(ascii: ":"))
                if serializer.options.contains(.indented) { serializer.bytes.append(UInt8(ascii: " ")) }
                serializer.write(member.value)
            }
            if options.contains(.sortedKeys) {
                writeItems(members.sorted { $0.key < $1.key }, open: "{", close: "}", write)
            } else {
                writeItems(members, open: "{", close: "}", write)
            }
        }
    }

    private mutating func writeItems<Items: Collection>(
        _ items: Items,
        open: Unicode.Scalar,
        close: Unicode.Scalar,
        _ write: (inout JSONSerializer, Items.Element) -> Void
    ) {
        bytes.append(UInt8(ascii: open))
        level += 1
        var isFirst = true
        for item in items {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            breakLine()
            write(&self, item)
        }
        level -= 1
        if !isFirst { breakLine() }
        bytes.append(UInt8(ascii: close))
    }

    private mutating func breakLine() {
        guard options.contains(.indented) else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for (index, byte) in utf8.enumerated() {
                guard let replacement = escape(byte, at: index, in: utf8) else { continue }
                bytes.append(contentsOf: utf8[start..<index])
                bytes.append(contentsOf: replacement.text.utf8)
                start = index + replacement.length
            }
            bytes.append(contentsOf: utf8[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func escape(
        _ byte: UInt8,
        at index: Int,
        in utf8: UnsafeBufferPointer<UInt8>
    ) -> (text: String, length: Int)? {
        switch byte {
        case UInt8(ascii: "\""): return ("\\\"", 1)
        case UInt8(ascii: "\\"): return ("\\\\", 1)
        case 0x08: return ("\\b", 1)
        case 0x09: return ("\\t", 1)
        case 0x0A: return ("\\n", 1)
        case 0x0C: return ("\\f", 1)
        case 0x0D: return ("\\r", 1)
        case 0..<0x20:
            return ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16), 1)
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
            guard options.contains(.htmlSafe) else { return nil }
            return ("\\u00" + String(byte, radix: 16), 1)
        case 0xE2 where index + 2 < utf8.count && utf8[index + 1] == 0x80 && utf8[index + 2] & 0xFE == 0xA8:
            // U+2028 and U+2029 end lines in JavaScript; Go always escapes them.
            return (utf8[index + 2] == 0xA8 ? "\\u2028" : "\\u2029", 3)
        default: return nil
        }
    }
}
