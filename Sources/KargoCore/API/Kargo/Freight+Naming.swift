extension Freight {
    /// The name that the origin and the artifacts give the Freight: the SHA-1 of Kargo's description of them.
    ///
    /// The same artifacts of the same origin always have the same name, whoever found them.
    public var generatedName: String {
        var parts = commits.map { commit in
            let repository = RepositoryURL.normalizedGit(commit.repoURL)
            let place = commit.tag.isEmpty ? repository : "\(repository):\(commit.tag)"
            return "\(place):\(commit.id)".suffixed(commit.subscriptionName)
        }
        parts += images.map { "\($0.repoURL):\($0.tag)@\($0.digest)".suffixed($0.subscriptionName) }
        parts += charts.map { chart in
            let path = [RepositoryURL.normalizedChart(chart.repoURL), chart.name].filter { !$0.isEmpty }
            return "\(path.joined(separator: "/")):\(chart.version)".suffixed(chart.subscriptionName)
        }
        parts += artifacts.map { "\($0.artifactType):\($0.subscriptionName):\($0.version)" }
        return Digest.sha1("\(origin):\(parts.sorted().joined(separator: "|"))".utf8).hexadecimal
    }

    /// Whether there is anything in it.
    public var hasArtifacts: Bool {
        !(commits.isEmpty && images.isEmpty && charts.isEmpty && artifacts.isEmpty)
    }
}

extension String {
    fileprivate func suffixed(_ subscription: String) -> String {
        subscription.isEmpty ? self : "\(self):\(subscription)"
    }
}
