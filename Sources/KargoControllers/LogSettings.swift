public import Logging

/// What a process tells of itself, and how: `LOG_LEVEL` and `LOG_FORMAT`.
public struct LogSettings: Sendable, Hashable {
    /// The least level that is told.
    public let level: Logger.Level
    /// Whether entries are lines of JSON.
    public let isJSON: Bool

    /// Reads an environment; an empty variable is one that is not there.
    public init(environment: [String: String]) throws(ControllerSettings.Failure) {
        let reader = ControllerSettings.Reader(environment: environment)
        if let text = reader.text("LOG_LEVEL") {
            guard let level = Logger.Level(rawValue: text.lowercased()) else {
                let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                throw reader.failure("LOG_LEVEL", text, "one of \(levels)")
            }
            self.level = level
        } else {
            level = .info
        }
        switch reader.text("LOG_FORMAT")?.lowercased() {
        case nil, "console": isJSON = false
        case "json": isJSON = true
        case let text?: throw reader.failure("LOG_FORMAT", text, "CONSOLE or JSON")
        }
    }
}
