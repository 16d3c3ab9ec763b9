/// Where a version of a group stands among the others: Kubernetes prefers stable ones to beta and alpha ones, then
/// higher numbers, and puts names of another form last, by the alphabet.
struct APIVersionPriority: Comparable {
    private enum Stage: Int {
        case stable
        case beta
        case alpha
        case other
    }

    private let stage: Stage
    private let major: Int
    private let minor: Int
    private let name: String

    init(_ name: String) {
        self.name = name
        let marks: [(text: String, stage: Stage)] = [("alpha", .alpha), ("beta", .beta)]
        let numbers = name.dropFirst()
        if name.first == "v", let major = Self.number(numbers) {
            (stage, self.major, minor) = (.stable, major, 0)
            return
        }
        for mark in marks where name.first == "v" {
            let parts = numbers.split(separator: mark.text, maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, let major = Self.number(parts[0]), let minor = Self.number(parts[1]) {
                (stage, self.major, self.minor) = (mark.stage, major, minor)
                return
            }
        }
        (stage, major, minor) = (.other, 0, 0)
    }

    /// A whole number without sign or leading zero.
    private static func number(_ text: Substring) -> Int? {
        guard let first = text.utf8.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first) else { return nil }
        return Int(text)
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.stage.rawValue, -left.major, -left.minor, left.name)
            < (right.stage.rawValue, -right.major, -right.minor, right.name)
    }
}
