import KargoCore

/// Clones a git repository and checks out revisions of it.
struct GitCloneStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var recurseSubmodules: Bool?
        var blobless: Bool?
        var author: GitAuthor?
        var checkout: [GitCheckout]
    }

    static let kind = "git-clone"
    static var schema: [UInt8] { PackageResources.git_clone_json }

    let program: GitProgram
    let capabilities: StepCapabilities

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        var names: Set<String> = []
        for name in config.checkout.compactMap(\.as.nonEmpty) where !names.insert(name).inserted {
            return .failed("duplicate checkout alias \"\(name)\"")
        }
        let store = GitStore(program, step)
        do {
            let access = try await GitAccess(url: config.repoURL, capabilities, project: step.promotion.project)
            try await store.removeUnfinished()
            var clone = try await store.clone(
                GitStore.Request(
                    access: access,
                    user: try await user(config.author),
                    skipsTLSVerification: config.insecureSkipTLSVerify ?? false,
                    isBlobless: config.blobless ?? false
                )
            )
            do {
                let project = step.promotion.project
                let output = try await checkOut(config, &clone, store) { url in
                    // Who has no credentials for a submodule may get it without.
                    do {
                        return try await GitAccess(url: url, capabilities, project: project)
                    } catch is CancellationError {
                        throw CancellationError()
                    } catch {
                        return GitAccess(anonymous: url)
                    }
                }
                clone.record.configuration = clone.configuration
                clone.record.isComplete = true
                try store.save(clone)
                return .succeeded(output: ["commits": .object(output)])
            } catch {
                await store.remove(clone)
                throw error
            }
        } catch let error as GitError {
            return error.result("error cloning \(GitSecrets.withoutPasswords(config.repoURL))")
        }
    }

    private func user(_ author: GitAuthor?) async throws -> GitUser {
        if let author { return author.user }
        guard let identity = capabilities.gitIdentity else {
            throw MissingCapability("the operator's git identity, which stands in for an author,")
        }
        return try await identity.gitUser()
    }

    private func checkOut(
        _ config: Config,
        _ clone: inout GitClone,
        _ store: GitStore,
        _ submodules: @escaping GitStore.AccessLookup
    ) async throws -> [String: JSONValue] {
        var commits: [String: JSONValue] = [:]
        for checkout in config.checkout {
            do {
                let tree = try await store.checkOut(
                    checkout,
                    submodules: config.recurseSubmodules == true ? submodules : nil,
                    of: &clone
                )
                commits[checkout.as.nonEmpty ?? checkout.path] = .string(try await tree.head())
            } catch let error as GitError {
                throw GitError(error.code, "\"\(checkout.path)\": \(error)")
            }
        }
        return commits
    }
}
