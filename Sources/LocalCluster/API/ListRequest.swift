import KargoCore

/// Which state of a collection a list is to show, and which piece of it.
struct ListRequest: Sendable {
    /// A state of a collection.
    enum Moment: Sendable, Hashable {
        /// The present one.
        case newest
        /// The present one, which must not be older than this.
        case notOlderThan(UInt64)
        /// The one of this version.
        case exactly(UInt64)
    }

    var moment = Moment.newest
    /// How many objects the piece may have; nil for all.
    var limit: Int?
    /// The object that the piece comes after.
    var after: ObjectKey?

    /// Reads `limit`, `continue`, `resourceVersion` and `resourceVersionMatch` of a call.
    ///
    /// - Throws: ``APIFailure`` for what can't be read or does not go together.
    init(_ call: APICall) throws(APIFailure) {
        if let text = call.query["limit"], !text.isEmpty {
            guard let limit = Int(text), limit >= 0 else {
                throw .badRequest("limit must be a number that is not negative, not \"\(text)\"")
            }
            if limit > 0 { self.limit = limit }
        }
        let version = try call.resourceVersion()
        let match = call.query["resourceVersionMatch"] ?? ""
        if let text = call.query["continue"], !text.isEmpty {
            guard let token = ContinueToken(text) else { throw .badRequest("the continue token is not valid") }
            guard match.isEmpty else {
                throw .badRequest("resourceVersionMatch is forbidden with a continue token")
            }
            guard (version ?? 0) == 0 else {
                throw .badRequest("resourceVersion is forbidden with a continue token, which names one itself")
            }
            after = token.after
            if let version = token.version { moment = .exactly(version) }
            return
        }
        switch (match, version) {
        case ("", nil), ("", 0), ("NotOlderThan", 0): break
        case ("", let version?): moment = limit == nil ? .notOlderThan(version) : .exactly(version)
        case (_, nil): throw .badRequest("resourceVersionMatch is forbidden without a resourceVersion")
        case ("NotOlderThan", let version?): moment = .notOlderThan(version)
        case ("Exact", let version?) where version > 0: moment = .exactly(version)
        case ("Exact", _): throw .badRequest("resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"")
        default: throw .badRequest("resourceVersionMatch must be Exact or NotOlderThan, not \"\(match)\"")
        }
    }
}

extension APICall {
    /// The version that the query names; nil if it names none.
    ///
    /// - Throws: ``APIFailure`` for what is no version.
    func resourceVersion() throws(APIFailure) -> UInt64? {
        guard let text = query["resourceVersion"], !text.isEmpty else { return nil }
        guard let version = UInt64(text) else {
            throw .badRequest("resourceVersion must be a number, not \"\(text)\"")
        }
        return version
    }
}
