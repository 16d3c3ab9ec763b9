import KargoCore
import KubernetesClient

/// How objects are printed.
enum ObjectFormat: String, CaseIterable {
    case table
    case wide
    case yaml
    case json
    case name

    /// Whether the server says what to print.
    var isTable: Bool { self == .table || self == .wide }

    /// An object, or a list of them, as text; not for tables.
    func text(_ object: JSONValue, _ resource: APIResource) -> String {
        switch self {
        case .json: object.text([.sortedKeys, .indented]) + "\n"
        case .name:
            (object["items"]?.arrayValue ?? [object])
                .map { resource.printed($0[path: "metadata", "name"]?.stringValue ?? "") + "\n" }
                .joined()
        case .table, .wide, .yaml: object.yaml()
        }
    }
}

extension JSONValue {
    /// The object without what only servers read, and with what it is.
    func presentable(_ resource: APIResource) -> JSONValue {
        var object = self
        object["apiVersion"] = .string(resource.apiVersion)
        object["kind"] = .string(resource.kind)
        object[path: "metadata", "managedFields"] = nil
        return object
    }
}

/// The lines of tables whose columns stay where they are from one to the next.
struct TablePrinter {
    let isWide: Bool
    let showsNamespace: Bool
    /// Whether headings are still to be printed.
    var needsHeadings: Bool
    private var shown: [APITable.Column] = []
    private var columns = TextColumns()

    init(isWide: Bool = false, showsNamespace: Bool = false, hasHeadings: Bool = true) {
        self.isWide = isWide
        self.showsNamespace = showsNamespace
        needsHeadings = hasHeadings
    }

    /// The lines of a table; nothing for one without rows.
    mutating func text(_ table: APITable) -> String {
        if !table.columns.isEmpty { shown = table.columns }
        guard !table.rows.isEmpty else { return "" }
        let indices = shown.indices.filter { isWide || shown[$0].priority == 0 }
        var rows = table.rows.map { row in
            (showsNamespace ? [row.object[path: "metadata", "namespace"]?.stringValue ?? ""] : [])
                + indices.map { row.cells.indices.contains($0) ? row.cells[$0].cellText : "" }
        }
        if needsHeadings {
            rows.insert((showsNamespace ? ["NAMESPACE"] : []) + indices.map { shown[$0].name.uppercased() }, at: 0)
            needsHeadings = false
        }
        return columns.lines(rows).map { $0 + "\n" }.joined()
    }
}

extension JSONValue {
    /// A cell as kubectl writes it.
    fileprivate var cellText: String {
        switch self {
        case .null: "<none>"
        case .string(let text): text
        default: text()
        }
    }
}
