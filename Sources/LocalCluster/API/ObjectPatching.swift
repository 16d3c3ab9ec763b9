import KargoCore

/// A change of an object as a PATCH request describes it.
enum ObjectPatching: Sendable {
    /// RFC 7386.
    case merge(JSONValue)
    /// RFC 6902.
    case json(JSONPatch)
    /// Kubernetes' own, which knows by what the elements of lists are told apart.
    case strategic(JSONValue)

    /// Makes a change of the body of a request.
    ///
    /// - Parameters:
    ///   - type: The media type.
    ///   - allowsStrategic: Whether Kubernetes' own kind is understood.
    ///   - parse: Reads the body.
    /// - Throws: ``APIFailure`` for a media type that is not understood, and a body that is no patch.
    init(type: String, allowsStrategic: Bool, _ parse: () throws(SyntaxError) -> JSONValue) throws {
        func value() throws(APIFailure) -> JSONValue {
            do {
                return try parse()
            } catch {
                throw .badRequest("the patch is not JSON: \(error)")
            }
        }
        switch type {
        case "application/merge-patch+json": self = .merge(try value())
        case "application/json-patch+json":
            do {
                self = .json(try JSONPatch(value()))
            } catch let error as FieldError {
                throw APIFailure.badRequest("the patch is no JSON patch: \(error)")
            }
        case "application/strategic-merge-patch+json" where allowsStrategic: self = .strategic(try value())
        default:
            var supported = ["application/json-patch+json", "application/merge-patch+json", APIHandler.applyMediaType]
            if allowsStrategic { supported.append("application/strategic-merge-patch+json") }
            throw APIFailure.unsupportedMediaType(type, supported: supported)
        }
    }

    /// The object after the change.
    ///
    /// - Throws: ``APIFailure`` where the change does not fit the object.
    func apply(to object: JSONValue) throws -> JSONValue {
        switch self {
        case .merge(let patch): return object.applying(mergePatch: patch)
        case .strategic(let patch): return StrategicMerge.apply(patch, to: object)
        case .json(let patch):
            do {
                return try patch.apply(to: object)
            } catch {
                throw APIFailure(
                    422,
                    "Invalid",
                    "the server rejected our request due to an error in our request: \(error)"
                )
            }
        }
    }
}

/// A JSON patch (RFC 6902).
struct JSONPatch: Sendable {
    private enum Operation: Sendable {
        case add([String], JSONValue)
        case remove([String])
        case replace([String], JSONValue)
        case move([String], from: [String])
        case copy([String], from: [String])
        case test([String], JSONValue)
    }

    private let operations: [Operation]

    init(_ value: JSONValue) throws(FieldError) {
        guard let elements = value.arrayValue else { throw FieldError(message: "must be a list of operations") }
        var operations: [Operation] = []
        for (index, element) in elements.enumerated() {
            let place = FieldPath([.index(index)])
            func pointer(_ key: String) throws(FieldError) -> [String] {
                guard let text = element[key]?.stringValue, text.isEmpty || text.hasPrefix("/") else {
                    throw FieldError(path: place.appending(key), message: "must be a JSON pointer")
                }
                return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
                    .map {
                        String($0).replacing("~1", with: "/").replacing("~0", with: "~")
                    }
            }
            func content() throws(FieldError) -> JSONValue {
                guard let value = element["value"] else {
                    throw FieldError(path: place.appending("value"), message: "is required")
                }
                return value
            }
            switch element["op"]?.stringValue {
            case "add": operations.append(.add(try pointer("path"), try content()))
            case "remove": operations.append(.remove(try pointer("path")))
            case "replace": operations.append(.replace(try pointer("path"), try content()))
            case "move": operations.append(.move(try pointer("path"), from: try pointer("from")))
            case "copy": operations.append(.copy(try pointer("path"), from: try pointer("from")))
            case "test": operations.append(.test(try pointer("path"), try content()))
            default:
                throw FieldError(
                    path: place.appending("op"),
                    message: "must be add, remove, replace, move, copy or test"
                )
            }
        }
        self.operations = operations
    }

    /// The value after all operations.
    func apply(to value: JSONValue) throws(FieldError) -> JSONValue {
        var value = value
        for operation in operations {
            switch operation {
            case .add(let path, let content): try value.set(content, at: path[...], mode: .add)
            case .remove(let path): try value.set(nil, at: path[...], mode: .remove)
            case .replace(let path, let content): try value.set(content, at: path[...], mode: .replace)
            case .copy(let path, let source): try value.set(value.found(at: source), at: path[...], mode: .add)
            case .move(let path, let source):
                let content = try value.found(at: source)
                try value.set(nil, at: source[...], mode: .remove)
                try value.set(content, at: path[...], mode: .add)
            case .test(let path, let content):
                guard try value.found(at: path) == content else {
                    throw FieldError(message: "testing value /\(path.joined(separator: "/")) failed")
                }
            }
        }
        return value
    }
}

extension JSONValue {
    fileprivate enum PointerMode {
        case add
        case remove
        case replace
    }

    fileprivate func found(at path: [String]) throws(FieldError) -> JSONValue {
        var value = self
        for key in path {
            let next: JSONValue?
            if let elements = value.arrayValue, let index = Int(key), elements.indices.contains(index) {
                next = elements[index]
            } else {
                next = value[key]
            }
            guard let next else { throw FieldError(message: "missing path: /\(path.joined(separator: "/"))") }
            value = next
        }
        return value
    }

    fileprivate mutating func set(
        _ content: JSONValue?,
        at path: ArraySlice<String>,
        mode: PointerMode
    ) throws(FieldError) {
        guard let key = path.first else {
            self = content ?? .null
            return
        }
        let missing = FieldError(message: "missing path: \(key)")
        switch self {
        case .object(var members):
            self = .null
            defer { self = .object(members) }
            if path.count > 1 {
                guard var member = members[key] else { throw missing }
                try member.set(content, at: path.dropFirst(), mode: mode)
                members[key] = member
            } else {
                if mode != .add, members[key] == nil { throw missing }
                members[key] = content
            }
        case .array(var elements):
            let index = key == "-" ? elements.count : Int(key) ?? -1
            self = .null
            defer { self = .array(elements) }
            if path.count == 1, mode == .add, let content, index >= 0, index <= elements.count {
                elements.insert(content, at: index)
                return
            }
            guard elements.indices.contains(index) else { throw missing }
            if path.count > 1 {
                try elements[index].set(content, at: path.dropFirst(), mode: mode)
            } else if let content {
                elements[index] = content
            } else {
                elements.remove(at: index)
            }
        default: throw missing
        }
    }
}
