/// A request to end a Promotion, as its annotation holds it.
public struct AbortRequest: Sendable, Hashable, Codable {
    /// The only action there is.
    public static let terminate = "terminate"

    /// What to do.
    @OmitEmpty public var action: String
    /// Who asks for it.
    @OmitEmpty public var actor: String
    /// Whether a part of Kargo wrote it down.
    public var controlPlane: Bool?

    /// Makes a request.
    public init(action: String = AbortRequest.terminate, actor: String = "") {
        self.action = action
        self.actor = actor
    }

    /// Reads the annotation: JSON with `action` and `actor`, or the mere action.
    public init(annotation: String) {
        if let value = try? JSONValue(parsing: annotation), value.objectValue != nil,
            let request = try? JSONValueDecoder().decode(AbortRequest.self, from: value)
        {
            self = request
        } else {
            self.init(action: annotation)
        }
    }

    /// The annotation.
    public var annotation: String {
        var value: JSONValue = ["action": .string(action)]
        if !actor.isEmpty { value["actor"] = .string(actor) }
        if let controlPlane { value["controlPlane"] = .bool(controlPlane) }
        return value.text()
    }
}
