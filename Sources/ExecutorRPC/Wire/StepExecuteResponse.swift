public import KargoCore

/// What a plugin answers.
public struct StepExecuteResponse: Sendable, Hashable, Codable {
    /// How the step stands.
    ///
    /// One of `Succeeded`, `Skipped`, `Running`, `Failed`, `Errored` and `Aborted`; empty says that the plugin does
    /// not know the kind.
    @DefaultEmpty public var status = ""
    /// A sentence for people.
    @OmitEmpty public var message = ""
    /// What later steps may use.
    @OmitEmpty public var output: [String: JSONValue] = [:]
    /// A check of the Stage's health.
    public var healthCheck: HealthCheck?
    /// When to ask again about a step that is running.
    public var retryAfter: GoDuration?
    /// What went wrong.
    @OmitEmpty public var error = ""
    /// Whether another attempt is of no use.
    @OmitEmpty public var terminal = false

    /// Makes an empty answer.
    public init() {}

    /// A check of the Stage's health.
    ///
    /// The original writes `Kind` and `Input`; `uses` and `config`, as in a Promotion's status, are read too.
    public struct HealthCheck: Sendable, Hashable, Codable {
        /// The checker.
        public var kind: String
        /// What it needs to know.
        public var input: JSONValue?

        /// Makes a check.
        public init(kind: String, input: JSONValue? = nil) {
            self.kind = kind
            self.input = input
        }

        private enum CodingKeys: String, CodingKey {
            case kind = "Kind"
            case input = "Input"
            case lowercaseKind = "kind"
            case lowercaseInput = "input"
            case uses
            case config
        }

        /// Reads any of the spellings.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let kinds = try [CodingKeys.kind, .lowercaseKind, .uses]
                .compactMap {
                    try container.decodeIfPresent(String.self, forKey: $0)
                }
            guard let kind = kinds.first else {
                throw DecodingError.keyNotFound(
                    CodingKeys.kind,
                    .init(codingPath: decoder.codingPath, debugDescription: "is required")
                )
            }
            let inputs = try [CodingKeys.input, .lowercaseInput, .config]
                .compactMap {
                    try container.decodeIfPresent(JSONValue.self, forKey: $0)
                }
            self.init(kind: kind, input: inputs.first)
        }

        /// Writes the original's spelling.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(kind, forKey: .kind)
            try container.encodeIfPresent(input, forKey: .input)
        }
    }
}

extension StepExecuteResponse {
    /// What the answer means, by the original's rules.
    ///
    /// `Failed` with a message and no error is final; `Errored` with a message may be repeated unless it says
    /// otherwise. A status that does not exist, or none, is an error that no other attempt helps.
    ///
    /// - Parameter kind: The kind of step, for messages.
    /// - Returns: The result.
    public func result(kind: String) -> StepResult {
        guard !status.isEmpty else {
            return .erroredForGood("the plugin does not implement the step kind \"\(kind)\"")
        }
        guard let status = StepStatus(rawValue: status) else {
            return .erroredForGood("the plugin answered with the status \"\(status)\", which does not exist")
        }
        var result = StepResult(status: status, message: message, output: output.isEmpty ? nil : output)
        result.healthCheck = healthCheck.map { HealthCheckStep(uses: $0.kind, config: $0.input) }
        result.retryAfter = retryAfter?.duration
        if !error.isEmpty {
            result.failure = terminal ? .terminal(error) : .retryable(error)
        } else if !message.isEmpty, status == .failed || (status == .errored && terminal) {
            result.failure = .terminal(message)
        } else if !message.isEmpty, status == .errored {
            result.failure = .retryable(message)
        }
        return result
    }
}
