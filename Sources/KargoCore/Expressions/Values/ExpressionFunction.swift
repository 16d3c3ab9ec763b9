/// A function that the environment gives to expressions.
///
/// A function must be pure for as long as one evaluation lasts: the same arguments give the same result. That is what
/// lets the evaluator start over after it has awaited one.
public final class ExpressionFunction: Sendable {
    enum Body: Sendable {
        case immediate(@Sendable (ExpressionArguments) throws -> ExpressionValue)
        case reading(@Sendable (ExpressionArguments) async throws -> ExpressionValue)
    }

    /// The name by which expressions call it.
    public let name: String
    /// How many arguments it takes.
    public let arity: ClosedRange<Int>
    let body: Body

    /// Makes a function that answers at once.
    ///
    /// - Parameters:
    ///   - name: The name by which expressions call it.
    ///   - arity: How many arguments it takes.
    ///   - body: Computes the result. An ``ExpressionError`` that it throws is given the place of the call; any other
    ///     error becomes the cause of one.
    public init(
        _ name: String,
        arity: ClosedRange<Int>,
        body: @escaping @Sendable (ExpressionArguments) throws -> ExpressionValue
    ) {
        self.name = name
        self.arity = arity
        self.body = .immediate(body)
    }

    /// Makes a function that has to wait for its answer, such as one that reads a Secret.
    ///
    /// - Parameters:
    ///   - name: The name by which expressions call it.
    ///   - arity: How many arguments it takes.
    ///   - reading: Reads the result. It is called once in an evaluation for the same arguments. Errors are treated as
    ///     those of an immediate function, but a `CancellationError` passes untouched.
    public init(
        _ name: String,
        arity: ClosedRange<Int>,
        reading: @escaping @Sendable (ExpressionArguments) async throws -> ExpressionValue
    ) {
        self.name = name
        self.arity = arity
        self.body = .reading(reading)
    }

    /// The result, once it is there.
    func result(_ arguments: ExpressionArguments) async throws -> ExpressionValue {
        switch body {
        case .immediate(let body): try body(arguments)
        case .reading(let read): try await read(arguments)
        }
    }

    /// The error for a failure of this function.
    func failure(_ error: any Error) -> ExpressionError {
        (error as? ExpressionError) ?? ExpressionError(.function, "\(name) failed", cause: error)
    }
}

extension ExpressionFunction: Hashable {
    /// Whether both are the same function.
    public static func == (left: ExpressionFunction, right: ExpressionFunction) -> Bool { left === right }

    /// Hashes the identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
