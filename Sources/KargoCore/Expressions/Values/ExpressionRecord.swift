/// A structure, such as what `commitFrom()` gives: named fields that are all there is.
///
/// Unlike a map it has no missing keys, and its JSON has the fields in their own order and under other names.
public struct ExpressionRecord: Sendable, Hashable {
    /// A part of a structure.
    public struct Field: Sendable, Hashable {
        /// The name in expressions, such as `RepoURL`.
        public let name: String
        /// The name in JSON, such as `repoURL`; `nil` leaves the field out there.
        public let jsonName: String?
        /// The value.
        public let value: ExpressionValue

        /// Makes a field.
        public init(_ name: String, jsonName: String?, _ value: ExpressionValue) {
            self.name = name
            self.jsonName = jsonName
            self.value = value
        }
    }

    /// What `type()` says, such as `kargo.FreightOrigin`; of a pointer Go says `unknown`.
    public let typeName: String
    /// The fields in order.
    public let fields: [Field]

    /// Makes a structure.
    public init(typeName: String, fields: [Field]) {
        self.typeName = typeName
        self.fields = fields
    }

    /// The value of a field, if there is one of that name.
    public subscript(name: String) -> ExpressionValue? { fields.first { $0.name == name }?.value }
}
