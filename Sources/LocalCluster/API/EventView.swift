import KargoCore

/// Events as the group `events.k8s.io` shows them: the same objects as those of the core group, under other names.
enum EventView {
    /// The names of fields in the core group and in this one.
    private static let names = [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"),
        ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ]
    private static let toCore = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
    private static let fromCore = Dictionary(uniqueKeysWithValues: names.map { ($0, $1) })

    /// The call to the core group that means the same.
    static func coreCall(_ call: APICall, _ definition: ResourceDefinition) -> APICall {
        var call = call
        call.path = call.path.replacing("/apis/\(definition.apiVersion)/", with: "/api/v1/", maxReplacements: 1)
        call.query["fieldSelector"] = call.query["fieldSelector"]
            .map {
                $0.replacing("regarding.", with: "involvedObject.")
                    .replacing("reportingController", with: "reportingComponent")
            }
        if call.method != "DELETE", let body = try? JSONValue(parsing: call.body) {
            call.body = core(body).serialized()
        }
        return call
    }

    /// Shows the answer of the core group.
    static func translation(_ definition: ResourceDefinition) -> AnswerTranslation {
        AnswerTranslation(definition) { $0 = renamed($0, fromCore) }
    }

    /// An Event, or a change of one, under the names of the core group.
    private static func core(_ body: JSONValue) -> JSONValue {
        if let operations = body.arrayValue {
            return .array(
                operations.map { operation in
                    var operation = operation
                    for key in ["path", "from"] {
                        operation[key] = operation[key]?.stringValue.map { .string(corePointer($0)) }
                    }
                    return operation
                }
            )
        }
        var body = renamed(body, toCore)
        if body["apiVersion"] != nil { body["apiVersion"] = "v1" }
        return body
    }

    private static func corePointer(_ pointer: String) -> String {
        var segments = pointer.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if segments.count > 1, let name = toCore[segments[1]] { segments[1] = name }
        return segments.joined(separator: "/")
    }

    private static func renamed(_ value: JSONValue, _ names: [String: String]) -> JSONValue {
        guard let members = value.objectValue else { return value }
        return .object(
            Dictionary(members.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        )
    }
}
