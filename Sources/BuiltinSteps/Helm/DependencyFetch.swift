import KargoCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Fetches the dependencies of a chart.
struct DependencyFetch {
    enum Command: String {
        /// The versions of `Chart.lock`; if there is none as ``update``.
        case build
        /// The newest versions that `Chart.yaml` allows.
        case update
    }

    let credentials: any CredentialsDatabase
    let sender: HTTPSender
    let scratch: ScratchDirectory
    let project: String

    /// Fetches dependencies into the copy of a chart.
    ///
    /// - Throws: ``HelmProblem``, ``ProcessFailure``, `CancellationError`.
    func run(
        _ command: Command,
        _ dependencies: [ChartDependency],
        of chart: ChartStage,
        with helm: HelmProgram
    ) async throws {
        var refusals: [MissingCapability] = []
        try await writeRepositories(dependencies, &refusals)
        try await writeRegistries(dependencies, &refusals)
        var arguments = ["dependency", command.rawValue]
        if try await areAllPlain(dependencies) { arguments.append("--plain-http") }
        do {
            _ = try await helm.run(arguments + ["--", chart.copy])
        } catch let problem as HelmProblem where !refusals.isEmpty {
            throw HelmProblem(
                description: ([problem.description] + refusals.map(\.description)).joined(separator: "; ")
            )
        }
    }

    /// The repositories with an index, as `helm repo add` would note them.
    private func writeRepositories(
        _ dependencies: [ChartDependency],
        _ refusals: inout [MissingCapability]
    ) async throws {
        var repositories: [JSONValue] = []
        for url in Set(dependencies.filter(\.isIndexed).map(\.repository)).sorted() {
            var repository: [String: JSONValue] = [
                "name": .string(Digest.sha256(url.utf8).hexadecimal), "url": .string(url),
            ]
            // Whoever listens on the way would have them.
            if url.hasPrefix("https://"), let found = try await look(for: url, &refusals) {
                repository["username"] = .string(found.username)
                repository["password"] = .string(found.password)
            }
            repositories.append(.object(repository))
        }
        let file: JSONValue = ["apiVersion": "", "repositories": .array(repositories)]
        try write(file.yaml(), to: scratch.repositoryConfig)
    }

    /// The registries, as `helm registry login` would note them.
    private func writeRegistries(
        _ dependencies: [ChartDependency],
        _ refusals: inout [MissingCapability]
    ) async throws {
        var hosts: [String: JSONValue] = [:]
        for dependency in dependencies {
            guard let reference = dependency.registryReference, let host = dependency.registryHost,
                hosts[host] == nil,
                let found = try await look(
                    for: "oci://\(RepositoryURL.normalizedChart("oci://\(reference)"))",
                    &refusals
                )
            else { continue }
            let token = Data("\(found.username):\(found.password)".utf8).base64EncodedString()
            for name in Self.names(ofHost: host) { hosts[name] = ["auth": .string(token)] }
        }
        try write(JSONValue.object(["auths": .object(hosts)]).text(), to: scratch.registryConfig)
    }

    /// Docker Hub goes by several names.
    private static func names(ofHost host: String) -> [String] {
        let hub = ["docker.io", "index.docker.io", "registry-1.docker.io"]
        return hub.contains(host) ? hub + ["https://index.docker.io/v1/"] : [host]
    }

    /// What is refused is no error yet: most repositories of charts are public.
    private func look(
        for url: String,
        _ refusals: inout [MissingCapability]
    ) async throws -> RepositoryCredentials? {
        let found: RepositoryCredentials?
        do {
            found = try await credentials.credentials(.helm, for: url, project: project)
        } catch let refusal as MissingCapability {
            refusals.append(refusal)
            return nil
        }
        guard let found, !found.username.isEmpty || !found.password.isEmpty else { return nil }
        return found
    }

    /// For nobody else to read.
    private func write(_ text: String, to path: String) throws {
        let created = FileManager.default.createFile(
            atPath: path,
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        if !created { throw HelmProblem(description: "can't write helm's configuration") }
    }

    // MARK: Registries without TLS

    /// Whether there are registries and none of them has TLS; helm knows one way for all of them.
    private func areAllPlain(_ dependencies: [ChartDependency]) async throws -> Bool {
        let hosts = Set(dependencies.compactMap(\.registryHost))
        for host in hosts.sorted() where try await !isPlain(host) { return false }
        return !hosts.isEmpty
    }

    private func isPlain(_ host: String) async throws -> Bool {
        if try await answers("https://\(host)/v2/") { return false }
        return try await answers("http://\(host)/v2/")
    }

    private func answers(_ url: String) async throws -> Bool {
        do {
            let call = HTTPCall(method: .GET, url: try RequestURL(url), headers: [], body: [])
            _ = try await sender.send(call, by: HTTPSender.Route(trustsAnyCertificate: true))
            return true
        } catch is HTTPSender.Failure {
            return false
        } catch is RequestURL.Malformed {
            return false
        }
    }
}
