import KargoCore

/// A repository of Azure DevOps, whose URL has many forms.
struct AzureRepository: Sendable, Hashable {
    /// The URL of the organization or collection.
    let organizationURL: String
    let project: String
    let name: String

    /// Reads where a repository is: `https://dev.azure.com/org/project/_git/repo`, the project left out if it is called
    /// as the repository, `https://org.visualstudio.com/…`, `org@ssh.dev.azure.com:v3/org/project/repo`, or a server
    /// of one's own.
    ///
    /// - Throws: ``ProviderRefusal`` for any other form.
    init(_ address: RepositoryAddress) throws(ProviderRefusal) {
        let path = address.path
        if address.host.hasPrefix("ssh.") || address.host.hasPrefix("vs-ssh."), path.count == 4, path[0] == "v3" {
            organizationURL = "https://dev.azure.com/\(path[1].percentEncoded)"
            project = path[2]
            name = path[3]
            return
        }
        guard let mark = path.firstIndex(of: "_git"), mark + 2 == path.count else {
            throw ProviderRefusal(
                description: "the path of the repository must be organization/project/_git/name"
            )
        }
        name = path[mark + 1]
        var collection = Array(path[..<mark])
        if address.host.hasSuffix(".visualstudio.com") {
            if collection.first?.lowercased() == "defaultcollection" { collection.removeFirst() }
            project = collection.last ?? name
            organizationURL = "https://dev.azure.com/\(address.host.prefix { $0 != "." })"
            return
        }
        guard let first = collection.first else {
            throw ProviderRefusal(
                description: "the path of the repository must begin with the organization"
            )
        }
        project = collection.count > 1 ? collection.removeLast() : name
        organizationURL =
            address.host == "dev.azure.com"
            ? "https://dev.azure.com/\(first.percentEncoded)" : address.url(collection)
    }

    /// The page of the repository.
    var webURL: String { "\(organizationURL)/\(project.percentEncoded)/_git/\(name.percentEncoded)" }
}
