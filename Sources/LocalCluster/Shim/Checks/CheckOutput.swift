#if os(Linux)
/// What a check has written, as far as anybody wants to know.
struct CheckOutput {
    /// The most bytes that are kept.
    static let maximumLength = 10 * 1024

    private var bytes: [UInt8] = []
    /// Whether there will be nothing more.
    private(set) var hasEnded = false

    /// Takes what is there.
    mutating func read(_ descriptor: Descriptor) {
        do {
            while true {
                switch try descriptor.read(upTo: 65_536) {
                case .bytes(let piece): bytes += piece.prefix(max(0, Self.maximumLength - bytes.count))
                case .nothingYet: return
                case .end:
                    hasEnded = true
                    return
                }
            }
        } catch {
            hasEnded = true
            Diagnostics.report("the output of a check can't be read: \(error)")
        }
    }

    /// All of it.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The last line that is not empty.
    var lastLine: String { text.split(separator: "\n").last.map(String.init) ?? "" }
}
#endif
