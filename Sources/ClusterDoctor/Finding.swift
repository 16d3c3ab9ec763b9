/// What was found out about one thing that the controller needs.
struct Finding: Sendable, Hashable {
    /// How it stands.
    enum State: String, Sendable {
        case ok
        case warning
        case error
    }

    /// Which check it comes of.
    enum Check: String, Sendable {
        case server
        case definition
        case controller
        case lease
        case permission
        case network
        case plugin
    }

    var state: State
    var check: Check
    /// What was looked at.
    var object: String
    /// The field of it; empty for all of it.
    var field: String
    /// What there is to say, with the remedy where one is needed.
    var message: String

    init(_ state: State, _ check: Check, _ object: String, field: String = "", _ message: String) {
        self.state = state
        self.check = check
        self.object = object
        self.field = field
        self.message = message
    }
}
