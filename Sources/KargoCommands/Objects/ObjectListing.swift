import KargoCore
import KubernetesClient

/// Prints objects of one kind, once or as they change.
struct ObjectListing {
    let api: any KubernetesAPI
    let resource: APIResource
    /// The namespace; nil for all.
    var namespace: String?
    /// The objects; empty for all.
    let names: [String]
    var selector = ""
    var format = ObjectFormat.table
    var hasHeadings = true
    /// Where the list was that was printed last; a watch goes on from there.
    private var version = ""
    private var printer = TablePrinter()

    init(api: any KubernetesAPI, resource: APIResource, namespace: String?, names: [String] = []) {
        self.api = api
        self.resource = resource
        self.namespace = namespace
        self.names = names
    }

    private var showsNamespace: Bool { namespace == nil && resource.isNamespaced }

    private var options: ListOptions {
        ListOptions(labelSelector: selector, fieldSelector: names.count == 1 ? "metadata.name=\(names[0])" : "")
    }

    /// Prints the objects.
    mutating func print(_ write: (String) -> Void, note: (String) -> Void) async throws {
        printer = TablePrinter(
            isWide: format == .wide,
            showsNamespace: showsNamespace,
            hasHeadings: hasHeadings
        )
        try await list(write, note: note)
    }

    private mutating func list(_ write: (String) -> Void, note: (String) -> Void) async throws {
        guard format.isTable else {
            write(format.text(try await objects(), resource))
            return
        }
        var table = APITable(columns: [], rows: [])
        if names.isEmpty {
            table = try await api.table(resource, namespace: namespace, options: options)
        } else {
            for name in names {
                let single = try await found(name) { try await api.table(resource, namespace: namespace, name: name) }
                table.columns = single.columns
                table.rows += single.rows
                table.resourceVersion = single.resourceVersion
            }
        }
        version = table.latestVersion
        if table.rows.isEmpty {
            note("no \(resource.plural)\(place)")
        }
        write(printer.text(table))
    }

    private mutating func objects() async throws -> JSONValue {
        if names.count == 1 {
            let object = try await object(names[0])
            version = object[path: "metadata", "resourceVersion"]?.stringValue ?? ""
            return object.presentable(resource)
        }
        var items: [JSONValue] = []
        if names.isEmpty {
            let list = try await api.list(resource, namespace: namespace, options: options)
            version = list.resourceVersion
            items = list.items
        }
        for name in names { items.append(try await object(name)) }
        return [
            "apiVersion": "v1", "kind": "List", "metadata": ["resourceVersion": ""],
            "items": .array(items.map { $0.presentable(resource) }),
        ]
    }

    private func object(_ name: String) async throws -> JSONValue {
        try await found(name) { try await api.get(resource, namespace: namespace, name: name) }
    }

    /// Says of an object that does not exist what lists those that do.
    private func found<Result>(_ name: String, _ read: () async throws -> Result) async throws -> Result {
        do {
            return try await read()
        } catch let error as KubernetesError where error.code == .notFound {
            let project = resource.isNamespaced ? namespace.map { " -p \($0)" } ?? "" : ""
            throw CommandError(
                "there is no \(resource.kind) \"\(name)\"\(place); \"kargo get \(resource.plural)\(project)\" lists what "
                    + "there is"
            )
        }
    }

    /// Where the objects are, as the end of a sentence.
    private var place: String { resource.isNamespaced ? namespace.map { " in \"\($0)\"" } ?? "" : "" }

    /// Prints every change after what was printed, until the task is cancelled.
    mutating func follow(_ write: (String) -> Void) async throws {
        let pauses = Backoff(first: .milliseconds(200), longest: .seconds(5))
        while true {
            do {
                try await followOnce(write)
            } catch let error as KubernetesError where error.code == .expired {
                try await list(write, note: { _ in })
            }
            // The server ends a watch from time to time.
            try await pauses.pause(afterFailures: 0)
        }
    }

    private mutating func followOnce(_ write: (String) -> Void) async throws {
        let accept = format.isTable ? APITable.mediaType : "application/json"
        var latest = version
        var printer = printer
        defer {
            version = latest
            self.printer = printer
        }
        try await api.watch(
            resource,
            namespace: namespace,
            options: options,
            from: version,
            accept: accept
        ) { event in
            switch event {
            case .bookmark(let version): if !version.isEmpty { latest = version }
            case .added(let object), .modified(let object), .deleted(let object):
                if format.isTable {
                    let table = APITable(object)
                    if !table.latestVersion.isEmpty { latest = table.latestVersion }
                    write(printer.text(table))
                } else {
                    latest = object[path: "metadata", "resourceVersion"]?.stringValue ?? latest
                    let separator = format == .yaml ? "---\n" : ""
                    write(separator + format.text(object.presentable(resource), resource))
                }
            }
        }
    }
}

extension APITable {
    /// The moment of the table; one of an object that changed is that object's.
    fileprivate var latestVersion: String {
        if !resourceVersion.isEmpty { return resourceVersion }
        return rows.last?.object[path: "metadata", "resourceVersion"]?.stringValue ?? ""
    }
}
