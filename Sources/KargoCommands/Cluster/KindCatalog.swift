import KargoCore
import KubernetesClient

/// The kinds that a cluster serves, by the names that people and manifests give them.
struct KindCatalog {
    private let resources: [DiscoveredResource]

    init(_ resources: [DiscoveredResource]) { self.resources = resources }

    /// The kind of a manifest.
    func resource(apiVersion: String, kind: String) -> APIResource? {
        resources.first { $0.resource.apiVersion == apiVersion && $0.resource.kind == kind }?.resource
    }

    /// The kind of a word: its plural, singular, kind or short name, with a group behind it or not.
    ///
    /// Of several kinds of one name Kargo's comes first, then the core group's, then the one the server names first.
    func resource(named text: String) throws(CommandError) -> APIResource {
        let parts = text.lowercased().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        let group = parts.count == 2 ? String(parts[1]) : nil
        let candidates = resources.enumerated()
            .filter { _, resource in resource.isCalled(name) && (group.map { $0 == resource.resource.group } ?? true) }
        let best = candidates.min { left, right in
            (left.element.rank(of: name), left.offset) < (right.element.rank(of: name), right.offset)
        }
        guard let best else {
            throw CommandError(
                "the cluster has no kind \"\(text)\"; name one by its plural, singular, kind or short name, such as "
                    + "stages or freight"
            )
        }
        return best.element.resource
    }
}

extension DiscoveredResource {
    private var names: [String] { [resource.plural, singular, resource.kind].map { $0.lowercased() } }

    fileprivate func isCalled(_ name: String) -> Bool {
        !name.isEmpty && (names.contains(name) || shortNames.contains { $0.lowercased() == name })
    }

    fileprivate func rank(of name: String) -> Int {
        let group = resource.group == KargoAPI.group ? 0 : resource.group.isEmpty ? 1 : 2
        return names.contains(name) ? group : group + 3
    }
}

extension APIResource {
    /// An object as commands print it: `stage.kargo.akuity.io/test`.
    func printed(_ name: String) -> String {
        let kind = kind.lowercased()
        return (group.isEmpty ? kind : "\(kind).\(group)") + "/\(name.printable)"
    }
}
