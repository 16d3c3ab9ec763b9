/// The way to a field of an object, as Kubernetes writes it: `spec.containers[0].name`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    /// One step of the way.
    public enum Component: Sendable, Hashable {
        /// A member of an object.
        case key(String)
        /// An element of an array, counted from 0.
        case index(Int)
    }

    /// The steps, outermost first; empty for the object itself.
    public var components: [Component]

    /// Makes a path of the given steps.
    public init(_ components: [Component]) {
        self.components = components
    }

    /// Makes a path of member names.
    public init(_ keys: String...) {
        components = keys.map(Component.key)
    }

    /// The path of a member of the object here.
    public func appending(_ key: String) -> FieldPath { FieldPath(components + [.key(key)]) }

    /// The path of an element of the array here.
    public func appending(_ index: Int) -> FieldPath { FieldPath(components + [.index(index)]) }

    /// The path as text; a member whose name is not a plain word stands in brackets, as in
    /// `metadata.labels[kargo.akuity.io/alias]`.
    public var description: String {
        var text = ""
        for component in components {
            switch component {
            case .index(let index):
                text += "[\(index)]"
            case .key(let key):
                let isPlain = key.utf8.allSatisfy { byte in
                    byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "$")
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                }
                if isPlain {
                    text += text.isEmpty ? key : ".\(key)"
                } else {
                    text += "[\(key)]"
                }
            }
        }
        return text
    }
}

/// Why the value of one field can't be taken.
public struct FieldError: Error, Hashable, CustomStringConvertible {
    /// The field; empty for the whole object.
    public var path: FieldPath
    /// What is wrong with it, in lower case and without a full stop.
    public var message: String

    /// Makes an error about a field.
    public init(path: FieldPath = FieldPath([]), message: String) {
        self.path = path
        self.message = message
    }

    /// The field and the reason.
    public var description: String { path.components.isEmpty ? message : "\(path): \(message)" }
}
