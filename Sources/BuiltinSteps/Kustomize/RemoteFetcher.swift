import KargoCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Gets what kustomizations refer to at other places.
struct RemoteFetcher {
    /// The largest file that is fetched, in bytes.
    private static let largestFile = 32 << 20
    private static let maximumReferences = 256

    let sender: HTTPSender
    let git: GitProgram
    let home: String
    /// Where clones go.
    let directory: String

    private var clones: [Clone: Int] = [:]
    private(set) var contents = RemoteContents()

    private struct Clone: Hashable {
        var repository: String
        var revision: String?
        var includesSubmodules: Bool
    }

    init(sender: HTTPSender, git: GitProgram, home: String, directory: String) {
        self.sender = HTTPSender(resolver: sender.resolver, proxies: sender.proxies, answerLimit: Self.largestFile)
        self.git = git
        self.home = home
        self.directory = directory
    }

    /// Gets what some references lead to.
    ///
    /// - Throws: ``KustomizationProblem``, ``MissingProgram``, `CancellationError`.
    mutating func fetch(_ references: Set<String>) async throws {
        for text in references.sorted() {
            guard contents.contents.count < Self.maximumReferences, let reference = try RemoteReference(text) else {
                throw KustomizationProblem(description: "there are more than \(Self.maximumReferences) addresses")
            }
            contents.contents[text] = try await content(of: reference)
        }
    }

    private mutating func content(of reference: RemoteReference) async throws -> RemoteContents.Content {
        var problem = ""
        if let file = reference.file {
            do {
                let call = HTTPCall(method: .GET, url: try RequestURL(file), headers: [], body: [])
                let reply = try await sender.send(call, by: HTTPSender.Route())
                let text = String(decoding: reply.body, as: UTF8.self)
                // A page about a repository is HTML.
                if (200..<300).contains(reply.status), Self.isManifest(text) {
                    let name = file.split(separator: "/").last.map(String.init) ?? "file"
                    return .file(name: ["\(contents.contents.count)", name], content: reply.body)
                }
                problem = "status \(reply.status)"
            } catch let error as HTTPSender.Failure {
                problem = "\(error)"
            } catch let error as RequestURL.Malformed {
                problem = "\(error)"
            }
        }
        let clone = Clone(
            repository: reference.repository,
            revision: reference.revision,
            includesSubmodules: reference.includesSubmodules
        )
        if let index = clones[clone] { return .directory(clone: index, path: reference.path) }
        let failure: String
        do {
            let index = contents.clones.count
            let path = "\(directory)/\(index)"
            try await make(clone, at: path)
            contents.clones.append(path)
            clones[clone] = index
            return .directory(clone: index, path: reference.path)
        } catch let error as GitError where error.code == .missingProgram {
            throw MissingProgram("git", "to fetch \(GitSecrets.withoutPasswords(clone.repository))")
        } catch let error as GitError {
            failure = "\(error)"
        } catch let error as HTTPSender.Failure {
            failure = "\(GitSecrets.withoutPasswords(clone.repository)): \(error)"
        }
        throw KustomizationProblem(description: failure + (problem.isEmpty ? "" : "; as a file: \(problem)"))
    }

    private static func isManifest(_ text: String) -> Bool {
        guard let documents = try? JSONValue.documents(inYAML: text), !documents.isEmpty else { return false }
        return documents.allSatisfy { $0.objectValue != nil || $0.arrayValue != nil }
    }

    private func make(_ clone: Clone, at path: String) async throws {
        if let url = try? RequestURL(clone.repository) {
            // Refuses the same addresses as a request to it would.
            do {
                _ = try await sender.configuration(for: url, by: HTTPSender.Route())
            } catch {
                try Task.checkCancellation()
                throw HTTPSender.Failure(description: HTTPSender.reason(error))
            }
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let access = try GitAccess(url: clone.repository, credentials: nil)
        let revision = clone.revision ?? "HEAD"
        try await GitSecretFiles(home: home)
            .with([access]) { settings in
                let surroundings = GitProgram.Surroundings(
                    home: home,
                    directories: [home, directory],
                    settings: settings
                )
                let place = GitProgram.Place.workTree(
                    try WorkDirectory(path).root,
                    gitDirectory: "\(path)/.git",
                    .hidden
                )
                let run = { (arguments: [String]) async throws in
                    _ = try await git.run(arguments, in: place, surroundings, access: access)
                }
                try await run(["init", "--quiet"])
                try await run(["fetch", "--quiet", "--no-tags", "--depth=1", "--", access.address, revision])
                try await run(["checkout", "--quiet", "FETCH_HEAD"])
                if clone.includesSubmodules, FileManager.default.fileExists(atPath: "\(path)/.gitmodules") {
                    try await run(["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"])
                }
            }
        try FileManager.default.removeItem(atPath: "\(path)/.git")
    }
}
