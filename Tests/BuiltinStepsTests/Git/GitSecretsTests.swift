import KargoCore
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
            ("https://h/p", "credential.https://h.helper"), ("https://u@h:8443/p", "credential.https://h:8443.helper"),
            ("HTTP://h", "credential.http://h.helper"), ("git@h:p", nil), ("/path", nil), ("ssh://h/p", nil),
        ] as [(String, String?)]
    )
    func `are about hosts that get the password`(url: String, key: String?) throws {
        let access = try GitAccess(url: url, credentials: RepositoryCredentials(username: "u", password: "s3cret"))
        #expect(access.configuration.map(\.key) == [key].compactMap(\.self))
        #expect(!access.configuration.description.contains("s3cret"))
        #expect(access.environment.isEmpty == (key == nil))
    }

    @Test(
        arguments: [
            ("https://h/p", false), ("git@h:p", false), ("ssh://h/p", false), ("ext::sh -c x", false), ("/p/a:b", true),
            ("file:///p", true), ("FILE:///p", true), ("p/q", true),
        ]
    )
    func `lead to files of this machine only if the user says so`(url: String, isLocal: Bool) {
        #expect(GitAccess(anonymous: url).protocols.split(separator: ":").contains("file") == isLocal)
    }

    @Test func `tell of credentials that can't be`() {
        #expect(throws: GitError.self) {
            try GitAccess(url: "https://h", credentials: RepositoryCredentials(username: "u", password: "a\nhost=evil"))
        }
    }
}
