/// An amount of a resource, such as `500m` of a processor or `1Gi` of memory: `resource.Quantity` of Kubernetes.
///
/// Two quantities are equal if their amounts are, however they are written. Encoded as its ``description``.
public struct Quantity: Sendable, Hashable, EmptyRepresentable {
    /// The exact amount.
    let amount: Amount
    /// The text as Kubernetes writes it: `1000m` is `1`, `0.1` is `100m`, `1.5Gi` is `1536Mi`.
    ///
    /// A text whose number is a whole one with the largest fitting suffix stays as it is; so does, as in Go, one with a
    /// fraction of three, six or nine digits such as `1.500`.
    public let description: String

    init(amount: Amount, description: String) {
        self.amount = amount
        self.description = description
    }

    /// Makes nothing, `0`.
    public init() {
        self.init(amount: Amount(), description: "0")
    }

    /// The amount as an integer, rounded away from zero and cut to what 64 bits hold.
    public var value: Int64 { amount.scaled(byPowerOfTen: 0) }

    /// The thousandths of the amount, rounded away from zero and cut to what 64 bits hold.
    public var milliValue: Int64 { amount.scaled(byPowerOfTen: 3) }

    /// Whether the amounts are equal.
    public static func == (left: Quantity, right: Quantity) -> Bool { left.amount == right.amount }

    /// Hashes the amount.
    public func hash(into hasher: inout Hasher) { hasher.combine(amount) }
}

extension Quantity: Comparable {
    /// Whether the left amount is the smaller one.
    public static func < (left: Quantity, right: Quantity) -> Bool { left.amount < right.amount }
}

extension Quantity: CustomStringConvertible {}

extension Quantity: Codable {
    /// Decodes a text, in which white space around the quantity is allowed, a number, or `null`, which is zero in Go.
    public init(from decoder: any Decoder) throws {
        let text: String
        switch try JSONValue(from: decoder) {
        case .string(let value): text = value
        case .int(let number): text = String(number)
        case .double(let number): text = GoNumber.json(number)
        case .null: text = "0"
        case let other:
            let message = "must be a string or a number, not of type \(other.typeName)"
            throw DecodingError(ValueError(message: message), at: decoder)
        }
        do {
            let scalars = text.unicodeScalars
            let start = scalars.firstIndex { !$0.properties.isWhitespace } ?? scalars.endIndex
            let end = scalars.lastIndex { !$0.properties.isWhitespace }.map(scalars.index(after:)) ?? start
            try self.init(String(scalars[start..<end]))
        } catch {
            throw DecodingError(error, at: decoder)
        }
    }

    /// Encodes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
