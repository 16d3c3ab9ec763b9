/// What one evaluation may still spend, so that no expression can hang or exhaust the memory.
struct ExpressionBudget {
    /// Elements of arrays and maps that an evaluation may make; the original allows as many.
    static let maximumElements = 1_000_000
    /// Bytes of text that an evaluation may make.
    static let maximumBytes = 32 << 20
    /// Nodes that may be evaluated or elements looked at: a fraction of a second's work.
    static let maximumSteps = 5_000_000
    /// The same for all the expressions of a JSON template together.
    static let maximumTemplateSteps = 4 * maximumSteps
    /// How many bytes of text may be copied or compared in a step.
    static let bytesPerStep = 16
    /// What a call of a function takes at least: more than most nodes.
    static let stepsPerCall = 16
    /// How deeply arrays and maps may nest in each other.
    static let maximumValueDepth = 512

    private(set) var steps: Int
    private var elements = maximumElements
    private var bytes = maximumBytes

    init(steps: Int = maximumSteps) { self.steps = steps }

    /// The budget of an evaluation that starts over: what the first attempt allocated is free again, the time is not.
    init(startingOver previous: ExpressionBudget) { steps = previous.steps }

    mutating func spend(steps count: Int) throws(ExpressionError) {
        steps -= count
        guard steps >= 0 else { throw ExpressionError(.limit, "the evaluation takes too long") }
    }

    mutating func allocate(elements count: Int) throws(ExpressionError) {
        guard count < elements else {
            throw ExpressionError(.limit, "the evaluation makes more than \(Self.maximumElements) elements")
        }
        elements -= count
    }

    mutating func allocate(bytes count: Int) throws(ExpressionError) {
        guard count <= bytes else {
            throw ExpressionError(.limit, "the evaluation makes more than \(Self.maximumBytes >> 20) MiB of text")
        }
        bytes -= count
    }
}
