import KargoCore

/// A chart that another one needs, as `Chart.yaml` and `Chart.lock` name it.
struct ChartDependency: Sendable, Hashable {
    var repository: String
    var name: String
    var version: String

    /// Where the files of a repository of this machine are, seen from the chart.
    var localPath: String? { repository.hasPrefix("file://") ? String(repository.dropFirst(7)) : nil }
    /// The image-like name of a chart in a registry: `host/repository/name`.
    var registryReference: String? {
        guard repository.hasPrefix("oci://") else { return nil }
        let path = repository.dropFirst(6)
        return "\(path.hasSuffix("/") ? path.dropLast() : path)/\(name)"
    }
    var registryHost: String? { registryReference?.split(separator: "/").first.map(String.init) }
    /// Whether the repository is one of those that have an index.
    var isIndexed: Bool { repository.hasPrefix("https://") || repository.hasPrefix("http://") }

    /// Reads the dependencies of a file.
    ///
    /// - Throws: ``HelmProblem`` if it is not YAML or holds something else.
    static func all(in text: String, of file: String) throws(HelmProblem) -> [ChartDependency] {
        let root: YAMLNode?
        do throws(SyntaxError) {
            root = try YAMLNode.firstDocument(in: text)
        } catch {
            throw HelmProblem(description: "\(file) is not YAML: \(error)")
        }
        guard let dependencies = root?.member("dependencies") else { return [] }
        switch dependencies.content {
        case .sequence(let elements):
            return elements.map { element in
                ChartDependency(
                    repository: element.member("repository")?.scalar ?? "",
                    name: element.member("name")?.scalar ?? "",
                    version: element.member("version")?.scalar ?? ""
                )
            }
        case .scalar(let text, true) where ["", "~", "null"].contains(text): return []
        default: throw HelmProblem(description: "\(file): dependencies is not a list")
        }
    }

    /// What has become of dependencies: by name `old -> new`, the version of a new one, `removed`.
    static func changes(from old: [ChartDependency], to new: [ChartDependency]) -> [String: String] {
        let before = Dictionary(old.map { ($0.name, $0.version) }) { _, last in last }
        let after = Dictionary(new.map { ($0.name, $0.version) }) { _, last in last }
        var changes: [String: String] = [:]
        for (name, version) in after where before[name] != version {
            changes[name] = before[name].map { "\($0) -> \(version)" } ?? version
        }
        for name in before.keys where after[name] == nil { changes[name] = "removed" }
        return changes
    }
}

extension YAMLNode {
    fileprivate func member(_ key: String) -> YAMLNode? {
        switch content {
        case .mapping(let entries): entries.first { $0.key.scalar == key }?.value
        case .alias(let node): node.member(key)
        case .scalar, .sequence: nil
        }
    }

    fileprivate var scalar: String? {
        switch content {
        case .scalar(let text, _): text
        case .alias(let node): node.scalar
        case .mapping, .sequence: nil
        }
    }
}
