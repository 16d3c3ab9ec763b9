/// Why a program did not run to its end.
struct ProcessFailure: Error, Hashable, CustomStringConvertible {
    /// What went wrong, for programs to tell.
    enum Code: Hashable {
        /// The program can't be started.
        case notStarted
        /// It has written more than is kept.
        case tooLarge
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
