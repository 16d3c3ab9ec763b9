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
    let environment: ProgramEnvironment
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

    init(sender: HTTPSender, environment: ProgramEnvironment, home: String, directory: String) {
        self.sender = HTTPSender(resolver: sender.resolver, proxies: sender.proxies, answerLimit: Self.largestFile)
        self.environment = environment
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
        do {
            let index = contents.clones.count
            let path = "\(directory)/\(index)"
            try await make(clone, at: path)
            contents.clones.append(path)
            clones[clone] = index
            return .directory(clone: index, path: reference.path)
        } catch let error as KustomizationProblem where !problem.isEmpty {
            throw KustomizationProblem(description: "\(error); as a file: \(problem)")
        }
    }

    private static func isManifest(_ text: String) -> Bool {
        guard let documents = try? JSONValue.documents(inYAML: text), !documents.isEmpty else { return false }
        return documents.allSatisfy { $0.objectValue != nil || $0.arrayValue != nil }
    }

    private func make(_ clone: Clone, at path: String) async throws {
        guard let git = environment.path.find("git") else {
            throw MissingProgram("git", "to fetch \(clone.repository)")
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await run(git, ["init", "--quiet"], in: path)
        let revision = clone.revision ?? "HEAD"
        try await run(git, ["fetch", "--quiet", "--no-tags", "--depth=1", "--", clone.repository, revision], in: path)
        try await run(git, ["checkout", "--quiet", "FETCH_HEAD"], in: path)
        if clone.includesSubmodules, FileManager.default.fileExists(atPath: "\(path)/.gitmodules") {
            try await run(git, ["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"], in: path)
        }
        try FileManager.default.removeItem(atPath: "\(path)/.git")
    }

    private func run(_ git: String, _ arguments: [String], in path: String) async throws {
        let variables = environment.variables(home: home)
            .merging([
                "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
                "GIT_ATTR_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "http:https:ssh",
                "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", "GIT_ASKPASS": "/bin/false",
            ]) { _, own in own }
        let process = ChildProcess(
            program: git,
            arguments: ["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "credential.helper="] + arguments,
            environment: variables,
            directory: path
        )
        let outcome = try await environment.path
            .confine(process, ProgramIsolation.Reach(writing: [home, directory])).run()
        guard outcome.isSuccess else {
            throw KustomizationProblem(
                description: "git \(arguments[0]) failed: "
                    + outcome.diagnostics.split(whereSeparator: \.isNewline).joined(separator: "; ")
            )
        }
    }
}
