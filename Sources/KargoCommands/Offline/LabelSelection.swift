import KargoCore
import KubernetesClient

/// The objects that a list is about, by labels that are equal to something or not: `a=b,c!=d`.
struct LabelSelection {
    private struct Requirement {
        var key: String
        var value: String
        var isEqual: Bool
    }

    private var requirements: [Requirement] = []

    /// Reads what a request selects.
    ///
    /// - Throws: ``CommandError`` for a selector of another form, and for one by fields.
    init(_ request: APIRequest) throws(CommandError) {
        for (name, value) in request.query where !value.isEmpty {
            guard name != "fieldSelector" else { throw CommandError("files can't be searched by fields (\(value))") }
            guard name == "labelSelector" else { continue }
            for part in value.split(separator: ",") {
                guard let sign = part.firstRange(of: "!=") ?? part.firstRange(of: "==") ?? part.firstRange(of: "=")
                else {
                    throw CommandError("files can be searched by labels such as a=b,c!=d only (\(value))")
                }
                requirements.append(
                    Requirement(
                        key: String(part[..<sign.lowerBound]),
                        value: String(part[sign.upperBound...]),
                        isEqual: part[sign] != "!="
                    )
                )
            }
        }
    }

    /// Whether an object is among those that are meant.
    func contains(_ object: JSONValue) -> Bool {
        requirements.allSatisfy { requirement in
            let label = object[path: "metadata", "labels", requirement.key]?.stringValue
            return (label == requirement.value) == requirement.isEqual
        }
    }
}
