/// Why an evaluation can't go on.
indirect enum ExpressionInterruption: Error {
    case failed(ExpressionError)
    /// A function must be awaited first; then the evaluation starts over.
    case awaiting(ExpressionFunction, ExpressionArguments, at: ExpressionTree.NodeID)
}

/// The results of the functions that an evaluation has awaited.
struct ExpressionAnswers {
    /// Enough for any manifest, and few enough that starting over for each stays cheap.
    static let maximumCount = 256

    private var entries: [(function: ExpressionFunction, arguments: [ExpressionValue], result: ExpressionValue)] = []

    subscript(function: ExpressionFunction, arguments: ExpressionArguments) -> ExpressionValue? {
        entries.first { $0.function === function && $0.arguments == arguments.values }?.result
    }

    mutating func add(
        _ result: ExpressionValue,
        of function: ExpressionFunction,
        _ arguments: ExpressionArguments
    ) throws(ExpressionError) {
        guard entries.count < Self.maximumCount else {
            throw ExpressionError(.limit, "the expression reads more than \(Self.maximumCount) different things")
        }
        entries.append((function, arguments.values, result))
    }
}
