import KargoCore

extension LogOptions {
    /// Reads the query of a request for logs.
    ///
    /// - Throws: ``APIFailure`` that names the parameter.
    init(_ call: APICall) throws {
        self.init()
        func number(_ name: String) throws(APIFailure) -> Int64? {
            guard let text = call.query[name] else { return nil }
            guard let value = Int64(text), value >= 0 else {
                throw .badRequest("\(name) must be a number and not negative, not \"\(text)\"")
            }
            return value
        }
        follow = call.flag("follow")
        previous = call.flag("previous")
        timestamps = call.flag("timestamps")
        tailLines = try number("tailLines").map(Int.init)
        sinceSeconds = try number("sinceSeconds")
        limitBytes = try number("limitBytes").map(Int.init)
        if let text = call.query["sinceTime"] {
            do {
                sinceTime = try KubernetesTime(text)
            } catch {
                throw APIFailure.badRequest("sinceTime: \(error)")
            }
        }
    }
}
