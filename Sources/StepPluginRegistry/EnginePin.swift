public import KargoCore

/// Where the steps of a Promotion run and with which plugins: decided once, before the first step, and kept in an
/// annotation.
public struct EnginePin: Sendable, Hashable, Codable {
    /// Where steps run.
    public enum Engine: String, Sendable, Hashable, Codable {
        /// In the controller.
        case local
        /// In an agent Pod.
        case agent
    }

    /// A plugin that takes part.
    public struct Plugin: Sendable, Hashable, Codable {
        /// The namespace of its ConfigMap.
        public var namespace: String
        /// The kinds that the Promotion uses.
        public var kinds: [String]
        /// Names the state of the plugin at the time of the decision.
        public var digest: String

        /// Makes an entry.
        public init(namespace: String, kinds: [String], digest: String) {
            self.namespace = namespace
            self.kinds = kinds
            self.digest = digest
        }
    }

    /// Where steps run.
    public var engine: Engine
    /// The plugins by name.
    @OmitEmpty public var plugins: [String: Plugin]

    /// Makes a decision.
    public init(engine: Engine, plugins: [String: Plugin] = [:]) {
        self.engine = engine
        self.plugins = plugins
    }

    /// Reads the annotation of a Promotion; nil if nothing is decided yet.
    ///
    /// - Throws: `FieldError` if somebody changed the annotation into what can't be read.
    public init?(_ promotion: Promotion) throws(FieldError) {
        guard let text = promotion.metadata.annotations[KargoAPI.Annotation.engine] else { return nil }
        let path = FieldPath("metadata", "annotations", KargoAPI.Annotation.engine)
        do {
            self = try JSONValueDecoder().decode(EnginePin.self, from: JSONValue(parsing: text))
        } catch {
            throw FieldError(path: path, message: "can't be read: \(error)")
        }
    }

    /// The annotation.
    public var annotation: String {
        get throws { try JSONValueEncoder().encode(self).text() }
    }
}
