/// Why git did not do something.
///
/// Nothing in it tells a password, or where the work directory is.
struct GitError: Error, Hashable, CustomStringConvertible {
    /// What went wrong, for programs to tell.
    enum Code: Hashable {
        /// There is no git, or no gpg; no other attempt would do better.
        case missingProgram
        /// git has ended with this code.
        case exit(Int32)
        /// Somebody else has pushed meanwhile.
        case nonFastForward
        /// What was to be brought together contradicts itself.
        case conflict
        /// A rebase would take away or add signatures.
        case unsafeRebase
        /// Something else than git found a fault.
        case refused
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
