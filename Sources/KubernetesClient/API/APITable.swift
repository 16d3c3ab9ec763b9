public import KargoCore

/// Objects of one kind as the server shows them to people.
public struct APITable: Sendable, Hashable {
    /// A column.
    public struct Column: Sendable, Hashable {
        /// The heading.
        public var name: String
        /// 0 for columns that are always shown, more for those that are shown where there is room.
        public var priority: Int64

        /// Makes a column.
        public init(name: String, priority: Int64 = 0) {
            self.name = name
            self.priority = priority
        }
    }

    /// A row.
    public struct Row: Sendable, Hashable {
        /// What stands in the columns.
        public var cells: [JSONValue]
        /// The object, with its `metadata` at least.
        public var object: JSONValue

        /// Makes a row.
        public init(cells: [JSONValue], object: JSONValue = [:]) {
            self.cells = cells
            self.object = object
        }
    }

    /// What asks for tables in an `Accept` header; a server that has none for a kind answers with the objects.
    public static let mediaType = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

    /// The columns; empty in what a watch reports after its first event.
    public var columns: [Column]
    /// The rows.
    public var rows: [Row]
    /// The moment, for a watch to go on from.
    public var resourceVersion: String

    /// Makes a table.
    public init(columns: [Column], rows: [Row], resourceVersion: String = "") {
        self.columns = columns
        self.rows = rows
        self.resourceVersion = resourceVersion
    }

    /// Reads what a server answered to a request for tables.
    ///
    /// Objects that came as they are, a list of them or a single one, become rows with nothing but their names.
    public init(_ value: JSONValue) {
        resourceVersion = value[path: "metadata", "resourceVersion"]?.stringValue ?? ""
        guard value["kind"] == "Table" else {
            columns = [Column(name: "Name")]
            rows = (value["items"]?.arrayValue ?? [value])
                .map { Row(cells: [$0[path: "metadata", "name"] ?? .null], object: $0) }
            return
        }
        columns = (value["columnDefinitions"]?.arrayValue ?? [])
            .map { Column(name: $0["name"]?.stringValue ?? "", priority: $0["priority"]?.intValue ?? 0) }
        rows = (value["rows"]?.arrayValue ?? [])
            .map { Row(cells: $0["cells"]?.arrayValue ?? [], object: $0["object"] ?? [:]) }
    }
}

extension KubernetesAPI {
    /// Reads objects as the server shows them to people.
    ///
    /// - Parameters:
    ///   - resource: The kind.
    ///   - namespace: The namespace; nil for all.
    ///   - name: The object; nil for all that the options select.
    ///   - options: Which objects.
    /// - Returns: The table.
    /// - Throws: ``KubernetesError``.
    public func table(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> APITable {
        let path = resource.path(namespace: namespace, name: name)
        return APITable(try await object(APIRequest(.get, path, query: options.query, accept: APITable.mediaType)))
    }
}
