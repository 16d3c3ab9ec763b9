/// Why a command did not do what it should, in one sentence that a user can act on.
package struct CommandError: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}
