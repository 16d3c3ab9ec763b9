/// How large an artifact may be.
enum SizeLimit: Sendable, Hashable, CustomStringConvertible {
    case none
    case atMost(Int64)

    /// Reads a number of bytes, or -1 for no limit; nothing if the text is neither.
    init?(_ text: String) {
        guard let number = Int64(text), number >= -1 else { return nil }
        self = number == -1 ? .none : .atMost(number)
    }

    func allows(_ size: Int64) -> Bool {
        switch self {
        case .none: true
        case .atMost(let limit): size <= limit
        }
    }

    /// The number of bytes.
    var description: String {
        switch self {
        case .none: "-1"
        case .atMost(let limit): "\(limit)"
        }
    }
}
