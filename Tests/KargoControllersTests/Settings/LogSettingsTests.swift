import KargoControllers
import Logging
import Testing

@Suite("Settings of logs")
struct LogSettingsTests {
    @Test(arguments: [
        ("", "", Logger.Level.info, false), ("INFO", "CONSOLE", .info, false), ("Debug", "json", .debug, true),
        ("TRACE", "JSON", .trace, true), ("error", "console", .error, false),
    ])
    func `are read whatever the case`(level: String, format: String, expected: Logger.Level, isJSON: Bool) throws {
        let settings = try LogSettings(environment: ["LOG_LEVEL": level, "LOG_FORMAT": format])
        #expect(settings.level == expected)
        #expect(settings.isJSON == isJSON)
    }

    @Test(arguments: [
        ("LOG_LEVEL", "loud", "one of trace, debug, info, notice, warning, error, critical"),
        ("LOG_FORMAT", "xml", "CONSOLE or JSON"),
    ])
    func `are refused where they can't be understood`(name: String, text: String, wanted: String) {
        let error = #expect(throws: ControllerSettings.Failure.self) { try LogSettings(environment: [name: text]) }
        #expect(error?.description == "\(name) is \"\(text)\"; it must be \(wanted)")
    }
}
