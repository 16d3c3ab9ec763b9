import KargoCore
import Synchronization

/// The JSON Schema that the configuration of a kind of step has to fit.
struct ConfigSchema: Sendable {
    /// Schemas by their texts, of which there are as many as kinds.
    private static let known = Mutex<[[UInt8]: JSONValue]>([:])

    private let kind: String
    private let schema: JSONValue

    /// Reads a schema.
    ///
    /// - Parameters:
    ///   - kind: The kind of step.
    ///   - text: The schema as JSON.
    /// - Throws: `SyntaxError` if the text is not JSON.
    init(kind: String, text: [UInt8]) throws(SyntaxError) {
        self.kind = kind
        if let known = Self.known.withLock({ $0[text] }) {
            schema = known
            return
        }
        let schema = try JSONValue(parsing: text)
        self.schema = schema
        Self.known.withLock { $0[text] = schema }
    }

    /// Decodes a configuration that fits.
    ///
    /// - Parameters:
    ///   - type: What to decode.
    ///   - config: The configuration; `null` counts as an empty object.
    /// - Returns: The configuration.
    /// - Throws: ``ConfigError`` with all that is wrong.
    func decode<Config: Decodable>(_ type: Config.Type, from config: JSONValue) throws(ConfigError) -> Config {
        let config = config.isNull ? [:] : config
        let problems = SchemaValidator.problems(of: config, schema)
        guard problems.isEmpty else { throw ConfigError(kind: kind, problems: problems) }
        do throws(FieldError) {
            return try JSONValueDecoder().decode(type, from: config)
        } catch {
            throw ConfigError(kind: kind, problems: [SchemaProblem(path: [], reason: error.description)])
        }
    }
}
