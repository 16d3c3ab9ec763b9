/// Which parts of an object somebody wants to read.
public struct FieldOutline: Sendable {
    private struct Member: Sendable {
        /// As it is written in JSON.
        var name: [UInt8]
        var outline: FieldOutline
    }

    /// The whole value.
    public static let everything = FieldOutline(keepsOthers: true)
    /// An object of Kubernetes without the account of who has written what, which is often the larger part of it.
    public static let withoutManagers: FieldOutline = {
        var metadata = FieldOutline.everything
        metadata["managedFields"] = FieldOutline()
        var object = FieldOutline.everything
        object["metadata"] = metadata
        return object
    }()

    private var members: [Member] = []
    /// Whether members that are not named are wanted as a whole.
    private var keepsOthers = false

    private init(keepsOthers: Bool) {
        self.keepsOthers = keepsOthers
    }

    /// Nothing.
    public init() {}

    /// What stands at some paths of member names.
    public init(_ paths: [[String]]) {
        for path in paths { insert(path[...]) }
    }

    private mutating func insert(_ path: ArraySlice<String>) {
        guard let first = path.first else {
            self = .everything
            return
        }
        self[first].insert(path.dropFirst())
    }

    /// What is wanted of a member.
    public subscript(_ name: String) -> FieldOutline {
        get { name.jsonBytes.withUnsafeBufferPointer { self[written: $0] } }
        set {
            let name = name.jsonBytes
            members.removeAll { $0.name == name }
            members.append(Member(name: name, outline: newValue))
        }
    }

    /// What is wanted of a member, given its name as it is written in JSON.
    subscript(written name: UnsafeBufferPointer<UInt8>) -> FieldOutline {
        for index in members.indices where name.isSame(as: members[index].name) { return members[index].outline }
        return keepsOthers ? .everything : FieldOutline()
    }

    var isEverything: Bool { keepsOthers && members.allSatisfy(\.outline.isEverything) }
    var isNothing: Bool { !keepsOthers && members.isEmpty }
}

extension String {
    /// The text as it stands in JSON, without quotes.
    var jsonBytes: [UInt8] { Array(JSONValue.string(self).serialized().dropFirst().dropLast()) }
}
