/// The real git, and the one place that says how it is run.
///
/// ## Guarantees
/// Whatever is in a work tree, git runs no program that it names: neither hooks nor filters, file system monitors or
/// editors. It reads no configuration but that of the clone, which nobody else can write, and that given here; it finds
/// a repository only where it is told to. It works in a work tree that was opened before, whatever takes its place.
struct GitProgram: Sendable {
    /// What is common to all commands about one clone.
    struct Surroundings: Sendable {
        /// git's `HOME`.
        var home: String
        /// The directories of the clone, which others can't write.
        var directories: [String] = []
        /// The work directory.
        var workDirectory = ""
        /// More of git's configuration.
        var settings: [GitSetting] = []
        /// The home of GnuPG while a key may be used.
        var keyring: String?
        var secrets = GitSecrets()
    }

    /// Where git looks for a repository.
    enum Place: Sendable {
        /// Nowhere.
        case none
        /// In a directory of git's, without any work tree.
        case repository(String)
        /// In a work tree, with the directory of git's that belongs to it.
        case workTree(Directory, gitDirectory: String, Needs)
    }

    /// What a command needs besides the clone and reading the work tree.
    struct Needs: OptionSet, Sendable, Hashable {
        let rawValue: UInt8

        /// To write files of the work tree.
        static let files = Needs(rawValue: 1)
        /// Contents of files, which may have to be fetched.
        static let contents = Needs(rawValue: 2)
        /// The keys that sign.
        static let keyring = Needs(rawValue: 4)
        /// Nothing else, and the work tree is where nobody else can write.
        static let hidden = Needs(rawValue: 8)
    }

    let path: ProgramPath
    /// What git needs that goes to the network.
    private let proxies: [String: String]

    init(environment: [String: String], isolation: ProgramIsolation? = nil) {
        path = ProgramPath(environment: environment, isolation: isolation)
        var proxies: [String: String] = [:]
        for name in ["http_proxy", "https_proxy", "no_proxy"] {
            proxies[name] = environment[name] ?? environment[name.uppercased()]
        }
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] { proxies[name] = environment[name] }
        self.proxies = proxies
    }

    /// Runs git.
    ///
    /// - Parameters:
    ///   - arguments: The arguments, beginning with the command.
    ///   - place: Where it looks for a repository.
    ///   - surroundings: What is common to all commands about the clone.
    ///   - access: The credentials, for commands that talk to the remote repository.
    ///   - input: What it reads from its standard input.
    ///   - codes: The codes with which it may end.
    /// - Returns: What it has written, and its code.
    /// - Throws: ``GitError``, `CancellationError`.
    func run(
        _ arguments: [String],
        in place: Place,
        _ surroundings: Surroundings,
        access: GitAccess? = nil,
        input: [UInt8] = [],
        accepting codes: Set<Int32> = [0]
    ) async throws -> GitOutput {
        let secrets = surroundings.secrets.hiding(access?.secrets ?? [])
        let operation = "git \(arguments.first ?? "")"
        guard let git = path.find("git") else {
            throw GitError(.missingProgram, "git is not installed: no directory of PATH (\(path.value)) has it")
        }
        if path.isolation != nil, let access, access.isLocal {
            throw GitError(.refused, "\(operation): repositories of this machine are not used where plugins run")
        }
        var process = ChildProcess(
            program: git,
            arguments: ["--no-pager"] + arguments,
            environment: environment(place, surroundings, access),
            directory: directory(place, surroundings),
            input: input
        )
        process = path.confine(process, reach(place, surroundings, access))
        // Or the work tree would be closed too early.
        defer { withExtendedLifetime(place) {} }
        let outcome: ChildProcess.Outcome
        do {
            outcome = try await process.run()
        } catch let failure as ProcessFailure {
            throw GitError(.refused, secrets.clean("\(operation): \(failure)"))
        }
        let output = GitOutput(outcome, secrets)
        switch outcome.ending {
        case .exit(let code) where codes.contains(code): return output
        case .exit(let code):
            throw GitError(.exit(code), "\(operation): \(output.reason ?? "it ended with code \(code)")")
        case .signal(let signal): throw GitError(.refused, "\(operation): it was ended by signal \(signal)")
        }
    }

    private func directory(_ place: Place, _ surroundings: Surroundings) -> String {
        switch place {
        case .none: surroundings.home
        case .repository(let directory): directory
        case .workTree(let directory, _, _): directory.processPath
        }
    }

    /// What git needs, which is not the keys while it reads files that others may change meanwhile.
    private func reach(
        _ place: Place,
        _ surroundings: Surroundings,
        _ access: GitAccess?
    ) -> ProgramIsolation.Reach {
        guard case .workTree(_, let gitDirectory, let needs) = place, !needs.contains(.hidden) else {
            return ProgramIsolation.Reach(
                writing: surroundings.directories + [surroundings.keyring].compactMap(\.self)
            )
        }
        var reach = ProgramIsolation.Reach(reading: [surroundings.workDirectory], writing: [])
        reach.writing = surroundings.directories.filter { gitDirectory.hasPrefix("\($0)/") }
        if needs.contains(.files) { reach.writing.append(surroundings.workDirectory) }
        if needs.contains(.keyring), let keyring = surroundings.keyring { reach.writing.append(keyring) }
        if access != nil { reach.reading.append(SSHHome(home: surroundings.home).directory) }
        return reach
    }

    private func environment(
        _ place: Place,
        _ surroundings: Surroundings,
        _ access: GitAccess?
    ) -> [String: String] {
        var result = proxies
        result["PATH"] = path.value
        result["HOME"] = surroundings.home
        result["TMPDIR"] = surroundings.home
        result["LC_ALL"] = "C"
        result["GIT_CONFIG_NOSYSTEM"] = "1"
        result["GIT_CONFIG_GLOBAL"] = "/dev/null"
        result["GIT_ATTR_NOSYSTEM"] = "1"
        result["GIT_TERMINAL_PROMPT"] = "0"
        result["GIT_ASKPASS"] = ""
        result["GIT_EDITOR"] = ":"
        result["GIT_SEQUENCE_EDITOR"] = ":"
        result["GIT_PAGER"] = "cat"
        result["GIT_ALLOW_PROTOCOL"] = access?.protocols ?? ""
        result["GIT_HTTP_LOW_SPEED_LIMIT"] = "1024"
        result["GIT_HTTP_LOW_SPEED_TIME"] = "30"
        result["GIT_SSH_COMMAND"] = SSHHome(home: surroundings.home).command
        result["GNUPGHOME"] = surroundings.keyring
        switch place {
        case .none: result["GIT_CEILING_DIRECTORIES"] = parent(of: surroundings.home)
        case .repository(let directory): result["GIT_DIR"] = directory
        case .workTree(_, let gitDirectory, _):
            result["GIT_DIR"] = gitDirectory
            result["GIT_WORK_TREE"] = "."
        }
        let settings = fixedSettings + surroundings.settings
        result["GIT_CONFIG_COUNT"] = String(settings.count)
        for (index, setting) in settings.enumerated() {
            result["GIT_CONFIG_KEY_\(index)"] = setting.key
            result["GIT_CONFIG_VALUE_\(index)"] = setting.value
        }
        return result
    }

    /// What no repository may say otherwise.
    private var fixedSettings: [GitSetting] {
        [
            GitSetting("advice.detachedHead", "false"),
            GitSetting("color.ui", "false"),
            GitSetting("core.askPass", ""),
            GitSetting("core.attributesFile", "/dev/null"),
            GitSetting("core.excludesFile", "/dev/null"),
            GitSetting("core.fsmonitor", "false"),
            GitSetting("core.hooksPath", "/dev/null"),
            GitSetting("core.quotePath", "false"),
            // The helpers that a repository names are forgotten.
            GitSetting("credential.helper", ""),
            // Or git would look into repositories inside of the work tree, by their own configuration. `.gitmodules`
            // overrules this, so that no command is used that compares the work tree: no merge, diff, status, stash.
            GitSetting("diff.ignoreSubmodules", "all"),
            GitSetting("fetch.recurseSubmodules", "false"),
            GitSetting("gc.auto", "0"),
            GitSetting("gpg.format", "openpgp"),
            GitSetting("gpg.program", path.find("gpg") ?? "/usr/bin/gpg"),
            // Nobody else is asked, with or without credentials.
            GitSetting("http.followRedirects", "false"),
            GitSetting("init.defaultBranch", "main"),
            GitSetting("maintenance.auto", "false"),
            GitSetting("push.recurseSubmodules", "no"),
            GitSetting("safe.bareRepository", "explicit"),
            GitSetting("submodule.recurse", "false"),
        ]
    }

    private func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    }
}
