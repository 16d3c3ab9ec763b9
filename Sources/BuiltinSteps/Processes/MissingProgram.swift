/// A program that a step needs is not there; no other attempt would do better.
struct MissingProgram: Error, Hashable, CustomStringConvertible {
    let description: String

    /// Makes the error.
    ///
    /// - Parameters:
    ///   - program: The program's name.
    ///   - purpose: What it is needed for: `to render charts`.
    init(_ program: String, _ purpose: String) {
        description = "the program \(program) is needed \(purpose) and is not on the PATH"
    }
}
