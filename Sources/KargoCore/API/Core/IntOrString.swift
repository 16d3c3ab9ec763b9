/// A number or a text, such as a port by number or by name.
public enum IntOrString: Sendable, Hashable {
    /// A number.
    case int(Int32)
    /// A text.
    case string(String)
}

extension IntOrString: EmptyRepresentable {
    /// Makes the number 0, which is Go's zero value.
    public init() { self = .int(0) }
}

extension IntOrString: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// Makes a number.
    public init(integerLiteral value: Int32) { self = .int(value) }

    /// Makes a text.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension IntOrString: CustomStringConvertible {
    /// The number in decimal, or the text.
    public var description: String {
        switch self {
        case .int(let number): String(number)
        case .string(let text): text
        }
    }
}

extension IntOrString: Codable {
    /// Decodes a JSON string or a JSON integer of 32 bits.
    public init(from decoder: any Decoder) throws {
        // Seen as JSON first: a decoder that turns numbers into strings on request must not do so here.
        switch try JSONValue(from: decoder) {
        case .string(let text): self = .string(text)
        case .int(let number):
            guard let number = Int32(exactly: number) else {
                let message = "must be between \(Int32.min) and \(Int32.max), not \(number)"
                throw DecodingError(ValueError(message: message), at: decoder)
            }
            self = .int(number)
        case let other:
            let message = "must be an integer or a string, not of type \(other.typeName)"
            throw DecodingError(ValueError(message: message), at: decoder)
        }
    }

    /// Encodes a JSON integer or a JSON string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .int(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        }
    }
}
