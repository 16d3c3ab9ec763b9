import KargoCore

/// Why something can't be got from a registry or put there.
struct OCIFailure: Error, Hashable, CustomStringConvertible {
    /// What went wrong, for programs to tell.
    enum Code: Hashable {
        /// The registry can't be reached, or broke off.
        case unreachable
        /// The registry refused with this status.
        case refused(status: Int)
        /// The registry wants other credentials, or any.
        case unauthorized
        /// The content is not what its name or descriptor says.
        case corrupt
        /// There is no such thing in the artifact.
        case missing
        /// The content is larger than may be.
        case tooLarge
        /// The artifact is of a kind that is not known.
        case unsupported
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// How an attempt went that this ended.
    func result(_ operation: String) -> StepResult {
        switch code {
        case .tooLarge, .unsupported: .erroredForGood("\(operation): \(self)")
        case .unreachable, .refused, .unauthorized, .corrupt, .missing: .errored("\(operation): \(self)")
        }
    }
}
