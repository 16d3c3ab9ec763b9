/// The arguments of a call.
public struct ExpressionArguments: Sendable {
    /// The function's name, for messages.
    public let functionName: String
    /// The arguments in order.
    public let values: [ExpressionValue]

    /// Makes a list of arguments.
    public init(functionName: String, values: [ExpressionValue]) {
        self.functionName = functionName
        self.values = values
    }

    /// How many there are.
    public var count: Int { values.count }

    /// An argument, `nil` where the call has none.
    public subscript(index: Int) -> ExpressionValue {
        values.indices.contains(index) ? values[index] : .null
    }

    /// An argument that must be a string.
    ///
    /// - Throws: ``ExpressionError`` if it is anything else.
    public func string(at index: Int) throws(ExpressionError) -> String {
        guard case .string(let value) = self[index] else { throw mismatch(at: index, expected: "a string") }
        return value
    }

    /// An argument that must be an integer.
    ///
    /// - Throws: ``ExpressionError`` if it is anything else, a floating point number included.
    public func integer(at index: Int) throws(ExpressionError) -> Int64 {
        switch self[index] {
        case .int(let value): return value
        case .unsigned(let value): return Int64(truncatingIfNeeded: value)
        default: throw mismatch(at: index, expected: "an int; int() makes one of a float")
        }
    }

    /// An argument that must be an array.
    ///
    /// - Throws: ``ExpressionError`` if it is anything else.
    public func array(at index: Int) throws(ExpressionError) -> [ExpressionValue] {
        guard let elements = self[index].elements else { throw mismatch(at: index, expected: "an array") }
        return elements
    }

    /// The error for an argument of the wrong kind.
    ///
    /// - Parameters:
    ///   - index: Which argument, counted from 0.
    ///   - expected: What it must be, as it reads after "must be".
    /// - Returns: An error that names the function, the argument and its kind, not its value.
    public func mismatch(at index: Int, expected: String) -> ExpressionError {
        let subject = count == 1 ? "the argument of \(functionName)" : "argument \(index + 1) of \(functionName)"
        return ExpressionError("\(subject) is \(self[index].kind.withArticle) and must be \(expected)")
    }
}

extension ExpressionKind {
    /// The word for it with its article.
    var withArticle: String {
        switch self {
        case .null, .unknown, .bytes: description
        case .int, .array: "an \(self)"
        default: "a \(self)"
        }
    }
}

extension ExpressionValue {
    /// What a loop over the value meets: the elements of an array, or bytes as integers.
    var elements: [ExpressionValue]? {
        switch self {
        case .array(let elements): elements
        case .bytes(let bytes): bytes.map { .int(Int64($0)) }
        default: nil
        }
    }
}
