import KargoCore

/// Values made of what is awkward to write as YAML, always the same for one seed.
struct YAMLSample {
    private var generator: Generator

    init(seed: Int) { generator = Generator(state: UInt64(seed)) }

    /// A value of a few levels; its keys are strings and its numbers are read alike by readers of YAML 1.1 and 1.2.
    mutating func value(depth: Int = 0) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 7 : 12), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .int(Int64.random(in: -1000...1000, using: &generator))
        case 3: return .double([0.5, -2.25, 1_234_567.5, 1.5e-7, 2.5e300].randomElement(using: &generator) ?? 0)
        case 4...6: return .string(text())
        case 7, 8: return .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in value(depth: depth + 1) })
        default:
            let members = (0..<Int.random(in: 0...5, using: &generator)).map { _ in (text(), value(depth: depth + 1)) }
            return .object(Dictionary(members, uniquingKeysWith: { $1 }))
        }
    }

    private mutating func text() -> String {
        let isLong = Int.random(in: 0..<6, using: &generator) == 0
        let count = Int.random(in: 0...(isLong ? 24 : 4), using: &generator)
        return (0..<count).map { _ in Self.parts.randomElement(using: &generator) ?? "" }.joined()
    }

    private static let parts = [
        " ", "  ", "\n", "\n\n", "\t", "-", "- ", ":", ": ", "#", " #", "'", "\"", "a", "word", "a longer part ", "1",
        "0", "07",
        "é", "你", "😀", "\u{A0}", "\u{85}", "\u{2028}", "\u{FEFF}", "\r", "\0", "\u{1}", "\u{7F}", "|", ">", "%", "?",
        ",",
        "[", "]", "{", "}", "&", "*", "!", "@", "`", "---", "...", "yes", "null", "~", "<<", "1e3", "0x1F", ".5", "_",
        "+",
        "2024-01-31", "12:30", "T10:00:00Z", "\\", "/", "${{",
    ]

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
            bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
            return bits ^ (bits >> 31)
        }
    }
}

extension JSONValue {
    /// What `asYAML` gives for the value.
    func templateYAML() async throws -> String {
        let environment = ExpressionEnvironment(variables: ["x": ExpressionValue(self, numbers: .exact)])
        return try await Template("${{ asYAML(x) }}").evaluate(in: environment).stringValue ?? ""
    }
}
