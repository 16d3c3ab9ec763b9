/// Why a text is not a value of the wanted type.
public struct ValueError: Error, Hashable, CustomStringConvertible {
    /// What is wrong and what would be right, in lower case and without a full stop.
    public var message: String

    /// Makes an error.
    public init(message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

extension DecodingError {
    /// The error of a text that stands in an encoded value.
    init(_ error: ValueError, at decoder: any Decoder) {
        self = .dataCorrupted(Context(codingPath: decoder.codingPath, debugDescription: error.message))
    }
}
