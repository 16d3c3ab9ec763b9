import KargoCore

/// Unknown and duplicate fields.
extension APIHandler {
    /// Drops or refuses what is wrong with the fields, as the call wants it.
    func report(
        _ problems: inout [String],
        _ call: APICall,
        _ definition: ResourceDefinition
    ) throws(APIFailure) {
        switch try call.fieldValidation() {
        case .ignore: problems = []
        case .warn: break
        case .strict where problems.isEmpty: break
        case .strict:
            let error = "strict decoding error: \(problems.joined(separator: ", "))"
            guard call.method == "PATCH" else {
                throw .badRequest(
                    "\(definition.kind) in version \"\(definition.version)\" cannot be handled as a "
                        + "\(definition.kind): \(error)"
                )
            }
            let cause = ValidationCause(reason: .invalid, path: FieldPath("patch"), message: "Invalid value: \(error)")
            throw .invalid(definition, "", [cause])
        }
    }
}
