import KargoCore

extension JSONValue {
    /// Whether both hold the same, of numbers the same value: what is written as `1` or `-0` reads back as an integer.
    func isSame(as other: JSONValue?) -> Bool {
        switch (self, other) {
        case (.int(let left), .double(let right)), (.double(let right), .int(let left)): Double(left) == right
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { $1.isSame(as: right[$0]) }
        default: self == other
        }
    }
}
