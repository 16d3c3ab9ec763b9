import KargoCore

/// What `argocd-update` changes in a source of an Application.
struct SourceUpdate: Decodable, Sendable {
    struct Kustomize: Decodable, Sendable {
        var images: [KustomizeImage]
    }

    struct KustomizeImage: Decodable, Sendable {
        var repoURL: String
        var tag: String?
        var digest: String?
        var newName: String?

        /// The image as `kustomize edit set image` takes it.
        var text: String {
            let name = newName.nonEmpty.map { "\(repoURL)=\($0)" } ?? repoURL
            if let digest = digest.nonEmpty { return "\(name)@\(digest)" }
            return "\(name):\(tag ?? "")"
        }
    }

    struct Helm: Decodable, Sendable {
        var images: [HelmParameter]
    }

    struct HelmParameter: Decodable, Sendable {
        var key: String
        var value: String
    }

    var repoURL: String
    var chart: String?
    var desiredRevision: String?
    var updateTargetRevision: Bool?
    var kustomize: Kustomize?
    var helm: Helm?

    /// Whether a source is meant.
    ///
    /// Charts are compared as they are written, repositories of git by what they mean.
    func matches(_ source: ArgoCDApplication.Source) -> Bool {
        if let chart = chart.nonEmpty { return source.chart == chart && source.repoURL == repoURL }
        return source.chart.isEmpty
            && RepositoryURL.normalizedGit(source.repoURL) == RepositoryURL.normalizedGit(repoURL)
    }

    /// Changes a source; all that it does not know stays.
    func apply(to source: inout JSONValue, revision: String) {
        if updateTargetRevision == true, !revision.isEmpty { source["targetRevision"] = .string(revision) }
        if let kustomize {
            source[path: "kustomize", "images"] = .array(kustomize.images.map { .string($0.text) })
        }
        guard let helm else { return }
        var parameters = source[path: "helm", "parameters"]?.arrayValue ?? []
        for image in helm.images {
            if let index = parameters.firstIndex(where: { $0["name"]?.stringValue == image.key }) {
                parameters[index]["value"] = .string(image.value)
            } else {
                parameters.append(["name": .string(image.key), "value": .string(image.value)])
            }
        }
        source[path: "helm", "parameters"] = .array(parameters)
    }

    /// What a message says when no source is meant.
    var mismatch: String {
        let chart = chart.nonEmpty.map { " and chart \"\($0)\"" } ?? ""
        return "none of its sources has repoURL \(repoURL)\(chart)"
    }
}

extension [SourceUpdate] {
    /// The revision that each source of an Application should be at; empty where that is not said.
    func desiredRevisions(of application: ArgoCDApplication) -> [String] {
        application.sources.map { source in first { $0.matches(source) }?.desiredRevision ?? "" }
    }

    /// The sources of an Application as they should be, as a change of its `spec`.
    ///
    /// - Throws: ``ArgoCDFailure`` for an update that no source is meant by.
    func change(of known: KnownApplication) throws(ArgoCDFailure) -> JSONValue {
        let application = known.application
        let isList = !application.spec.sources.isEmpty
        let old =
            isList
            ? known.object[path: "spec", "sources"]?.arrayValue : known.object[path: "spec", "source"].map { [$0] }
        var new = old ?? []
        let revisions = desiredRevisions(of: application)
        for update in self {
            guard let index = application.sources.firstIndex(where: update.matches), new.indices.contains(index) else {
                throw ArgoCDFailure("\(known.title): \(update.mismatch)")
            }
            update.apply(to: &new[index], revision: revisions[index])
        }
        guard new != old, let first = new.first else { return [:] }
        return isList ? ["sources": .array(new)] : ["source": (old?.first ?? [:]).mergePatch(to: first)]
    }
}
