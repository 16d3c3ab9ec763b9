/// Reads a compiled zone file (TZif, RFC 9636).
struct ZoneFile {
    private let bytes: [UInt8]
    private var offset = 0

    private struct Counts {
        var transitions: Int
        var settings: Int
        var names: Int
        /// The bytes after the names: leap seconds and two kinds of flags.
        var rest: Int
    }

    /// The rules in the file; nothing if it is malformed.
    static func rules(of bytes: [UInt8]) -> ZoneRules? {
        var file = ZoneFile(bytes: bytes)
        return file.read()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func read() -> ZoneRules? {
        guard let (version, counts) = readHeader(timeSize: 4) else { return nil }
        guard version >= UInt8(ascii: "2") else { return readBody(counts, timeSize: 4) }
        // From the second version on the same follows once more, with 64 bits for a time.
        offset += counts.transitions * 5 + counts.settings * 6 + counts.names + counts.rest
        guard let (_, counts) = readHeader(timeSize: 8) else { return nil }
        return readBody(counts, timeSize: 8)
    }

    private mutating func readHeader(timeSize: Int) -> (version: UInt8, counts: Counts)? {
        guard let head = take(20), head.starts(with: "TZif".utf8) else { return nil }
        let version = head[head.startIndex + 4]
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = integer(4), (0...1 << 20).contains(count) else { return nil }
            counts.append(Int(count))
        }
        // In the file: flags for UT, flags for standard time, leap seconds, transitions, settings, names.
        let rest = counts[0] + counts[1] + counts[2] * (timeSize + 4)
        return (version, Counts(transitions: counts[3], settings: counts[4], names: counts[5], rest: rest))
    }

    private mutating func readBody(_ counts: Counts, timeSize: Int) -> ZoneRules? {
        guard counts.settings > 0, counts.transitions <= bytes.count, counts.settings <= bytes.count else { return nil }
        var times: [Int64] = []
        for _ in 0..<counts.transitions {
            guard let time = integer(timeSize) else { return nil }
            times.append(time)
        }
        guard let indices = take(counts.transitions) else { return nil }
        var offsets: [(seconds: Int64, isDaylightSaving: Bool, name: Int)] = []
        for _ in 0..<counts.settings {
            guard let seconds = integer(4), let flags = take(2) else { return nil }
            offsets.append((seconds, flags[flags.startIndex] != 0, Int(flags[flags.startIndex + 1])))
        }
        guard let names = take(counts.names), take(counts.rest) != nil else { return nil }
        let settings = offsets.map { setting in
            ZoneRules.Setting(
                offset: setting.seconds,
                isDaylightSaving: setting.isDaylightSaving,
                abbreviation: String(decoding: names.dropFirst(setting.name).prefix { $0 != 0 }, as: UTF8.self)
            )
        }
        guard indices.allSatisfy({ $0 < settings.count }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
            return nil
        }
        let transitions = zip(times, indices).map { ZoneRules.Transition(seconds: $0, setting: Int($1)) }
        return ZoneRules(settings: settings, transitions: transitions, future: readFooter())
    }

    private func readFooter() -> PosixZone? {
        guard offset < bytes.count, bytes[offset] == 0x0A else { return nil }
        return PosixZone(bytes[(offset + 1)...].prefix { $0 != 0x0A })
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - offset else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    /// A signed number, its most significant byte first.
    private mutating func integer(_ size: Int) -> Int64? {
        guard let bytes = take(size) else { return nil }
        let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }
}
