import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

@Suite("Messages of git")
struct GitSecretsTests {
    @Test(arguments: [
        ("fatal: 'https://u:p@h/x' failed", "fatal: 'https://u:***@h/x' failed"),
        ("https://u@h/x@y", "https://u@h/x@y"), ("ssh://git:p%40@h:22", "ssh://git:***@h:22"),
        ("a://b://u:p@h", "a://b://u:***@h"), ("https://u:p@ss@h/", "https://u:***@h/"), ("://", "://"),
        ("no url: a@b", "no url: a@b"),
    ]) func `have no passwords in URLs`(text: String, wanted: String) {
        #expect(GitSecrets.withoutPasswords(text) == wanted)
    }

    @Test func `have neither secrets nor directories`() {
        let secrets = GitSecrets(secrets: ["hunter2", ""], directories: ["/w/d", "/w"])
        #expect(secrets.clean("at '/w/d/src': hunter2, /w/d and /w/x") == "at 'src': ***, . and x")
        #expect(secrets.hiding(["/w/d/src"]).clean("/w/d/src") == "***")
    }

    @Test(
        arguments: [
            ("https://h/p", "credential.https://h/p.helper"), ("HTTP://h", "credential.http://h.helper"),
            ("https://u@h:8443/p.git", "credential.https://h:8443/p.git.helper"), ("git@h:p", nil), ("/path", nil),
            ("ssh://h/p", nil),
        ] as [(String, String?)]
    )
    func `are about repositories that get the password`(url: String, key: String?) throws {
        let access = try GitAccess(url: url, credentials: RepositoryCredentials(username: "u", password: "s3cret"))
        let configuration = access.configuration(answer: "/it's/a file")
        #expect(configuration.first?.key == key)
        #expect(configuration.first.map { $0.value.contains(#"cat '/it'\''s/a file'"#) } != false)
        #expect(!configuration.description.contains("s3cret"))
        #expect(access.answer == (key == nil ? nil : "username=u\npassword=s3cret\n"))
    }

    /// Runs the helper that git is configured with, which is told a path.
    @Test(
        .tags(.integration),
        arguments: [
            ("https://h/org/repo.git", "org/repo.git", true), ("https://h/org/repo/", "org/repo", true),
            ("https://h/org/repo.git", "org/repo.git/sub", false), ("https://h/org/repo", "org/repo2", false),
            ("https://h/a%20b%27c", "a b'c", true), ("https://h/a/../b/./c", "b/c", true),
            ("https://h/a/../b/./c", "a/../b/./c", true), ("https://h", "", true), ("https://h", "other", false),
        ]
    )
    func `get the password of one path alone`(url: String, path: String, isAnswered: Bool) async throws {
        try await ScopedDirectory.with { directory in
            let access = try GitAccess(url: url, credentials: RepositoryCredentials(username: "u", password: "s3cret"))
            try directory.write(access.answer ?? "", to: "it's")
            let helper = try #require(access.configuration(answer: directory.file("it's")).first?.value)
            for (operation, asked) in [("get", path), ("store", path)] {
                let outcome = try await ChildProcess(
                    program: "/bin/sh",
                    arguments: ["-c", "\(helper.dropFirst()) \(operation)"],
                    environment: ["PATH": "/usr/bin:/bin"],
                    directory: "/",
                    input: Array("protocol=https\nhost=h\npath=\(asked)\n\n".utf8)
                )
                .run()
                #expect(outcome.isSuccess)
                let isGet = operation == "get" && isAnswered
                #expect(String(decoding: outcome.output, as: UTF8.self) == (isGet ? access.answer : ""))
            }
        }
    }

    @Test(
        arguments: [
            ("git@h.example:org/repo", "h.example"), ("ssh://git@H:22/x", "H"), ("ssh://[::1]:22/x", "::1"),
            ("https://h/p", nil), ("/path", nil), ("ssh://h*/x", nil), ("git@h !x:p", nil), ("ssh:///x", nil),
        ] as [(String, String?)]
    )
    func `show a key to one host alone`(url: String, host: String?) async throws {
        try await ScopedDirectory.with { directory in
            let key = RepositoryCredentials(sshPrivateKey: "KEY")
            let access = try GitAccess(url: url, credentials: key)
            #expect(access.sshHost == host)
            let home = SSHHome(home: directory.path)
            try await GitSecretFiles(home: directory.path)
                .with([access]) { _ in
                    let text = try directory.read(".ssh/config")
                    #expect(text.hasPrefix(host.map { "Host \($0) \($0.lowercased())\n  IdentityFile" } ?? "Host *\n"))
                    #expect(text.contains(home.key) == (host != nil))
                    #expect(directory.contains(".ssh/id") == (host != nil))
                }
            #expect(!directory.contains(".ssh/id"))
        }
    }

    @Test func `stay in no file after their process was killed`() async throws {
        try await ScopedDirectory.with { directory in
            for name in ["git/1/home/.ssh/id", "git/1/home/.ssh/answer-1", "git/2/clone.json", "git/1/home/.gnupg/key"]
            {
                try directory.write("", to: name)
            }
            try BuiltinStepKinds.removeSecrets(below: directory.path)
            #expect(!directory.contains("git/1/home/.ssh"))
            #expect(directory.contains("git/1/home/.gnupg/key") && directory.contains("git/2/clone.json"))
            try BuiltinStepKinds.removeSecrets(below: directory.file("none"))
        }
    }

    @Test(
        arguments: [
            ("https://h/p", "https:ssh"), ("git@h:p", "https:ssh"), ("ssh://h/p", "https:ssh"),
            ("ext::sh -c x", "https:ssh"), ("HTTP://h/p", "https:ssh:http"), ("git://h/p", "https:ssh:git"),
            ("/p/a:b", "https:ssh:file"), ("file:///p", "https:ssh:file"), ("FILE:///p", "https:ssh:file"),
            ("p/q", "https:ssh:file"),
        ]
    )
    func `lead to what is not safe only if the user says so`(url: String, protocols: String) {
        #expect(GitAccess(anonymous: url).protocols == protocols)
    }

    @Test(
        arguments: [
            ("https://u:p%40%zz%c3%BC%@h:1/p@q", "https://u@h:1/p@q", "u", "p@%zzü%"),
            ("https://:p@h/p", "https://h/p", "", "p"), ("https://u@h/p", "https://u@h/p", "known", "secret"),
            ("https://u:@h/p", "https://u@h/p", "known", "secret"),
            ("https://h/a:b@c", "https://h/a:b@c", "known", "secret"),
        ]
    )
    func `have passwords of URLs only where no argument is`(
        url: String,
        address: String,
        username: String,
        password: String
    ) throws {
        let known = RepositoryCredentials(username: "known", password: "secret")
        let access = try GitAccess(url: url, credentials: known)
        #expect(access.address == address)
        #expect(access.credentials == RepositoryCredentials(username: username, password: password))
        #expect(access.secrets == [password])
    }

    @Test func `tell of credentials that can't be`() {
        #expect(throws: GitError.self) {
            try GitAccess(url: "https://h", credentials: RepositoryCredentials(username: "u", password: "a\nhost=evil"))
        }
    }
}
