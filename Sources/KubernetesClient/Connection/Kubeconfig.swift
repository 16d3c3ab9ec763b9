import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The entries of one or several kubeconfig files, merged as kubectl merges them: of entries with one name the first
/// file's counts, whole.
struct Kubeconfig {
    let files: [String]
    /// The variables that credential plugins get besides their own.
    let environment: [String: String]
    private(set) var currentContext: String?
    private(set) var clusters: [NamedCluster] = []
    private(set) var contexts: [NamedContext] = []
    private(set) var users: [NamedUser] = []

    /// Reads files.
    ///
    /// - Parameters:
    ///   - files: The paths; earlier ones count more.
    ///   - requiresAll: Whether a file that does not exist is an error even if another one does.
    ///   - environment: The process's environment.
    /// - Throws: A file is missing, cannot be read or is not a kubeconfig.
    init(files: [String], requiresAll: Bool, environment: [String: String]) throws(KubernetesError) {
        self.files = files
        self.environment = environment
        let present = requiresAll ? files : files.filter { FileManager.default.fileExists(atPath: $0) }
        guard !present.isEmpty else {
            throw KubernetesError(
                .configuration,
                "KUBECONFIG names \(files.joined(separator: ":")), which does not exist"
            )
        }
        for file in present { try add(file) }
    }

    private mutating func add(_ file: String) throws(KubernetesError) {
        let bytes = try ClusterConfiguration.contents(of: file)
        let document: Document
        do {
            let value = try JSONValue(yaml: String(decoding: bytes, as: UTF8.self))
            if value.isNull { return }
            document = try JSONValueDecoder(convertsScalarsToStrings: true).decode(Document.self, from: value)
        } catch {
            throw KubernetesError(.configuration, "\(file): \(error)")
        }
        try refuseTwins((document.clusters ?? []).map(\.name), "clusters", file)
        try refuseTwins((document.contexts ?? []).map(\.name), "contexts", file)
        try refuseTwins((document.users ?? []).map(\.name), "users", file)
        if currentContext?.isEmpty ?? true { currentContext = document.currentContext }
        for var entry in document.clusters ?? [] where !clusters.contains(where: { $0.name == entry.name }) {
            entry.file = file
            clusters.append(entry)
        }
        for var entry in document.contexts ?? [] where !contexts.contains(where: { $0.name == entry.name }) {
            entry.file = file
            contexts.append(entry)
        }
        for var entry in document.users ?? [] where !users.contains(where: { $0.name == entry.name }) {
            entry.file = file
            users.append(entry)
        }
    }

    private func refuseTwins(_ names: [String], _ what: String, _ file: String) throws(KubernetesError) {
        var known: Set<String> = []
        for name in names where !known.insert(name).inserted {
            throw KubernetesError(.configuration, "\(file): two \(what) are named \"\(name)\"")
        }
    }

    /// The path that an entry of a file names.
    static func path(_ path: String, from file: String?) -> String {
        guard !path.hasPrefix("/"), let file, let slash = file.lastIndex(of: "/") else { return path }
        return "\(file[..<slash])/\(path)"
    }
}
