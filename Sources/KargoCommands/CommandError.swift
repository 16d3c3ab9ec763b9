/// Why a command did not do what it should, in one sentence that a user can act on.
struct CommandError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
