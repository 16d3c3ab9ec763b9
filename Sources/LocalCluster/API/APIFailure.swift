import KargoCore
import KubernetesClient

/// A refusal in the form that Kubernetes gives it: a `Status` object.
struct APIFailure: Error {
    var code: Int
    var reason: String
    var message: String
    var details: JSONValue?
    /// After how many seconds it may be tried again.
    var retryAfter: Int?
    /// How a list whose beginning was read can be read to its end all the same.
    var continueToken: ContinueToken?

    init(_ code: Int, _ reason: String, _ message: String, details: JSONValue? = nil, retryAfter: Int? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retryAfter = retryAfter
    }

    static func badRequest(_ message: String) -> APIFailure { APIFailure(400, "BadRequest", message) }

    static func notFound(_ resource: ResourceID, _ name: String) -> APIFailure {
        APIFailure(404, "NotFound", "\(resource) \"\(name)\" not found", details: details(resource, name))
    }

    static func alreadyExists(_ resource: ResourceID, _ name: String) -> APIFailure {
        APIFailure(409, "AlreadyExists", "\(resource) \"\(name)\" already exists", details: details(resource, name))
    }

    static func conflict(_ resource: ResourceID, _ name: String, _ reason: String) -> APIFailure {
        APIFailure(
            409,
            "Conflict",
            "Operation cannot be fulfilled on \(resource) \"\(name)\": \(reason)",
            details: details(resource, name)
        )
    }

    static func changed(_ resource: ResourceID, _ name: String) -> APIFailure {
        conflict(
            resource,
            name,
            "the object has been modified; please apply your changes to the latest version and try again"
        )
    }

    static func forbidden(_ resource: ResourceID, _ name: String, _ reason: String) -> APIFailure {
        APIFailure(
            403,
            "Forbidden",
            "\(resource) \"\(name)\" is forbidden: \(reason)",
            details: details(resource, name)
        )
    }

    static func invalid(_ definition: ResourceDefinition, _ name: String, _ causes: [ValidationCause]) -> APIFailure {
        let group = definition.resource.group
        let kind = group.isEmpty ? definition.kind : "\(definition.kind).\(group)"
        let texts = causes.map { "\($0.path): \($0.message)" }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        var details = details(definition.resource, name, kind: definition.kind)
        details["causes"] = .array(
            causes.map { cause in
                [
                    "reason": .string(cause.reason.rawValue), "message": .string(cause.message),
                    "field": .string(cause.path.description),
                ]
            }
        )
        return APIFailure(422, "Invalid", "\(kind) \"\(name)\" is invalid: \(list)", details: details)
    }

    static let methodNotAllowed = APIFailure(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        details: [:]
    )

    /// Clients take details for granted here.
    static let noSuchPath = APIFailure(
        404,
        "NotFound",
        "the server could not find the requested resource",
        details: [:]
    )

    /// A part of objects that Kubernetes may have, and a local cluster has not.
    static func notServed(_ subresource: String, of resource: ResourceID) -> APIFailure {
        var failure = noSuchPath
        failure.message += ": a local cluster does not serve \(resource)/\(subresource)"
        return failure
    }

    static func unsupportedMediaType(_ type: String, supported: [String]) -> APIFailure {
        APIFailure(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unsupported format (\(type)) - accepted media types include: "
                + supported.joined(separator: ", ")
        )
    }

    static func expired(_ version: UInt64) -> APIFailure {
        APIFailure(410, "Expired", "too old resource version: \(version)")
    }

    /// What an admission reviewer said.
    init(_ error: KubernetesError) {
        let (code, reason) =
            switch error.code {
            case .notFound: (404, "NotFound")
            case .alreadyExists: (409, "AlreadyExists")
            case .conflict: (409, "Conflict")
            case .invalid: (422, "Invalid")
            case .badRequest, .badResponse, .configuration: (400, "BadRequest")
            case .unauthorized: (401, "Unauthorized")
            case .forbidden: (403, "Forbidden")
            case .expired: (410, "Expired")
            case .tooManyRequests: (429, "TooManyRequests")
            case .serverError, .unreachable: (500, "InternalError")
            case .other(let code): (code, "Unknown")
            }
        self.init(code, reason, error.message)
    }

    private static func details(_ resource: ResourceID, _ name: String, kind: String? = nil) -> JSONValue {
        var details: JSONValue = ["kind": .string(kind ?? resource.plural)]
        if !name.isEmpty { details["name"] = .string(name) }
        if !resource.group.isEmpty { details["group"] = .string(resource.group) }
        return details
    }

    var status: JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure",
            "message": .string(message), "reason": .string(reason), "code": .int(Int64(code)),
        ]
        if let continueToken { status["metadata"] = ["continue": .string(continueToken.text)] }
        if var details {
            if let retryAfter { details["retryAfterSeconds"] = .int(Int64(retryAfter)) }
            status["details"] = details
        }
        return status
    }
}
