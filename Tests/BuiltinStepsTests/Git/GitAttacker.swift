import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A plugin that means harm: it may write to the work directory, and has programs that note when they run.
struct GitAttacker: Sendable {
    /// A way to have git run a program, or go elsewhere.
    struct Weapon: Sendable {
        var name: String
        /// Commands of the shell that put it into the repository around them; `$EVIL` is the place of its programs.
        var planting: String
        /// What somebody does with plain git who is then harmed; `$URL` is the remote repository.
        var victim: String
    }

    let git: GitBench
    /// The remote repository, and a host under the attacker's eyes.
    let url: String
    let otherHost: String

    private var place: String { git.outside.file("evil") }
    private var witness: String { git.outside.file("witness") }

    init(_ git: GitBench, url: String, otherHost: String) throws {
        self.git = git
        self.url = url
        self.otherHost = otherHost
        for weapon in Self.weapons + [Self.nested] {
            // It stays unnoticed: a filter passes on what it reads.
            let script = """
                #!/bin/sh
                echo \(weapon.name) >>'\(git.outside.file("witness"))'
                case \(weapon.name) in
                    clean|smudge|nested) cat ;;
                    textconv) cat "$1" ;;
                    askpass) echo nobody ;;
                esac
                exit 0

                """
            try write(script, to: weapon.name)
        }
        for hook in [
            "pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-push", "pre-rebase", "post-checkout",
            "post-merge", "post-index-change", "post-rewrite", "reference-transaction", "pre-merge-commit",
        ] {
            try write("#!/bin/sh\necho hooks >>'\(witness)'\n", to: "template/hooks/\(hook)")
            try write("#!/bin/sh\necho hooksPath >>'\(witness)'\n", to: "programs/\(hook)")
        }
    }

    private func write(_ script: String, to name: String) throws {
        try git.outside.write(script, to: "evil/\(name)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(place)/\(name)")
    }

    /// The programs that have run since the last time, each once.
    func ran() throws -> Set<String> {
        guard git.outside.contains("witness") else { return [] }
        let names = try git.outside.read("witness").split(separator: "\n").map(String.init)
        try FileManager.default.removeItem(atPath: witness)
        return Set(names)
    }

    /// Runs commands of the shell in a directory, with git as everybody has it, and looks away if they fail.
    @discardableResult
    func shell(_ script: String, in directory: String) async throws -> String {
        let outcome = try await ChildProcess(
            program: "/bin/sh",
            arguments: ["-c", script],
            environment: [
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": place, "EVIL": place,
                "URL": url, "OTHER": otherHost, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0",
                "GIT_AUTHOR_NAME": "V", "GIT_AUTHOR_EMAIL": "v@v", "GIT_COMMITTER_NAME": "V",
                "GIT_COMMITTER_EMAIL": "v@v",
            ],
            directory: directory
        )
        .run()
        return String(decoding: outcome.output, as: UTF8.self) + outcome.diagnostics
    }

    /// Makes a repository of the attacker's out of a directory, and arms it.
    func arm(_ directory: String) async throws {
        try await shell(
            """
            rm -rf .git
            git init --quiet --initial-branch=main
            git add . && git commit --quiet -m theirs
            git checkout --quiet -b side && echo side >merge.txt && git add . && git commit --quiet -m side
            git checkout --quiet main && echo main >merge.txt && git add . && git commit --quiet -m main
            git clone --quiet . '\(place)/module' && git -c protocol.file.allow=always submodule --quiet add '\(place)/module' module
            git commit --quiet -m module
            cp -r "$EVIL/template/hooks" .git
            """,
            in: directory
        )
        for weapon in Self.weapons { try await shell(weapon.planting, in: directory) }
        _ = try ran()
    }

    /// The weapons that harm somebody who uses plain git in a directory that was armed.
    func harmful(in directory: String) async throws -> Set<String> {
        var result: Set<String> = []
        for weapon in Self.weapons {
            _ = try ran()
            // Those that stop git are to be out of the way of the others.
            let others = [
                ("fsmonitor", "core.fsmonitor", "false"), ("process", "filter.lfs.process", ""),
                ("gpg", "commit.gpgSign", "false"),
            ]
            .filter { $0.0 != weapon.name }
            var quiet = "export GIT_CONFIG_COUNT=\(others.count)"
            for (index, other) in others.enumerated() {
                quiet += " GIT_CONFIG_KEY_\(index)=\(other.1) GIT_CONFIG_VALUE_\(index)=\(other.2)"
            }
            let script = "\(quiet)\n\(weapon.victim)\ngit merge --abort; git reset --quiet; true"
            try await shell(script, in: directory)
            if try ran().contains(weapon.name) { result.insert(weapon.name) }
        }
        return result
    }

    static let weapons: [Weapon] = [
        Weapon(name: "fsmonitor", planting: #"git config core.fsmonitor "$EVIL/fsmonitor""#, victim: "git status"),
        Weapon(
            name: "hooks",
            planting: "",
            victim: #"git -c core.hooksPath="$(git rev-parse --absolute-git-dir)/hooks" commit --allow-empty -m x"#
        ),
        Weapon(
            name: "hooksPath",
            planting: #"git config core.hooksPath "$EVIL/programs""#,
            victim: "git commit --allow-empty -m x"
        ),
        Weapon(
            name: "clean",
            planting: #"git config filter.a.clean "$EVIL/clean"; echo '*.a filter=a' >>.gitattributes"#,
            victim: "date >>x.a; git add x.a"
        ),
        Weapon(
            name: "smudge",
            planting: #"git config filter.a.smudge "$EVIL/smudge""#,
            victim: "date >x.a; git add x.a; rm x.a; git checkout -- x.a"
        ),
        Weapon(
            name: "process",
            planting: #"git config filter.lfs.process "$EVIL/process"; echo '*.bin filter=lfs' >>.gitattributes"#,
            victim: "date >x.bin; git add x.bin"
        ),
        Weapon(
            name: "external",
            planting: #"git config diff.external "$EVIL/external""#,
            victim: "date >README; git diff"
        ),
        Weapon(
            name: "driver",
            planting: #"git config diff.d.command "$EVIL/driver"; echo '*.d diff=d' >>.gitattributes"#,
            victim: "date >x.d; git add -N x.d; git diff"
        ),
        Weapon(
            name: "textconv",
            planting: #"git config diff.t.textconv "$EVIL/textconv"; echo '*.t diff=t' >>.gitattributes"#,
            victim: "date >x.t; git add -N x.t; git diff --no-ext-diff"
        ),
        Weapon(
            name: "merge",
            planting: #"git config merge.m.driver "$EVIL/merge"; echo '*.txt merge=m' >>.gitattributes"#,
            victim: "git checkout -- .; git merge -m x side"
        ),
        Weapon(
            name: "gpg",
            planting: #"git config gpg.program "$EVIL/gpg"; git config commit.gpgSign true"#,
            victim: "git commit --allow-empty -m x"
        ),
        Weapon(
            name: "editor",
            planting: #"git config -f "$EVIL/more" core.editor "$EVIL/editor"; git config include.path "$EVIL/more""#,
            victim: "git commit --allow-empty"
        ),
        Weapon(
            name: "ssh",
            planting: #"git config core.sshCommand "$EVIL/ssh""#,
            victim: "git ls-remote ssh://localhost/x"
        ),
        Weapon(
            name: "helper",
            planting: #"git config credential.helper "$EVIL/helper""#,
            victim: "printf 'protocol=https\\nhost=h\\n\\n' | git credential fill"
        ),
        Weapon(
            name: "askpass",
            planting: #"git config core.askPass "$EVIL/askpass""#,
            victim: "printf 'protocol=https\\nhost=h\\n\\n' | git credential fill"
        ),
        Weapon(
            name: "submodule",
            planting: #"git config submodule.module.update "!$EVIL/submodule""#,
            victim: "git -C module checkout --quiet --detach HEAD^; git submodule update"
        ),
    ]

    /// A repository in the work tree, in which git looks by its configuration.
    static let nested = Weapon(name: "nested", planting: "", victim: "")

    /// Puts a repository into a directory of the work tree, as a submodule in the eyes of the repository around it.
    func plantNested(_ name: String, in directory: String) async throws {
        try await shell(
            """
            mkdir -p \(name) && cd \(name) && git init --quiet && echo '* filter=n' >.gitattributes && echo a >file
            git add . && git commit --quiet -m nested && echo b >file
            git config filter.n.clean "$EVIL/nested" && git config core.fsmonitor "$EVIL/nested"
            """,
            in: directory
        )
        _ = try ran()
    }

    /// Has git look whether a repository in the work tree has changed, whatever the configuration says.
    func showNested(_ name: String, in directory: String) async throws {
        try await shell(
            #"printf '[submodule "n"]\n path = \#(name)\n url = %s\n ignore = none\n' "$URL" >.gitmodules"#,
            in: directory
        )
    }
}
