import KargoCore
import Testing

@Suite("Repository URL")
struct RepositoryURLTests {
    private static let suffixes = ["", "/", ".git", ".git/"]

    @Test(
        arguments: [
            ("https://github.com/Example/Repo", "https://github.com/example/repo"),
            ("http://localhost:8443/a/b", "http://localhost:8443/a/b"),
            ("https://me:secret@github.com/a/b", "https://github.com/a/b"),
            ("https://me@corp:secret@github.com/a/b", "https://github.com/a/b"),
            ("https://github.com/a@b/c", "https://github.com/a@b/c"),
            ("ssh://github.com/a/b", "ssh://github.com/a/b"),
            ("ssh://git@github.com:2222/a/b", "ssh://git@github.com:2222/a/b"),
            ("github.com:a/b", "ssh://github.com/a/b"), ("git@github.com:a/b", "ssh://git@github.com/a/b"),
            ("git@git-hub.example.com:team/a/b", "ssh://git@git-hub.example.com/team/a/b"),
        ],
        suffixes
    )
    func `is the same for every way to write that of a Git repository`(
        _ example: (url: String, normalized: String),
        _ suffix: String
    ) {
        #expect(RepositoryURL.normalizedGit(example.url + suffix) == example.normalized)
        #expect(RepositoryURL.normalizedGit(example.normalized) == example.normalized)
    }

    @Test(arguments: [
        ("https://github.com", "https://github.com"), ("https://me:secret@github.com/", "https://github.com"),
        ("ssh://git@example.com/", "ssh://git@example.com"), ("git.example.com", "ssh://git.example.com"),
        ("git@example.com", "ssh://git@example.com"), ("git@example.com:", "ssh://git@example.com"),
    ])
    func `may be that of a host alone`(_ url: String, _ normalized: String) {
        #expect(RepositoryURL.normalizedGit(url) == normalized)
    }

    @Test(arguments: [
        "https://github.com/A/b?x=y", "ssh://github.com/A/b.git?x=y", "not even remotely an Address", "", " ", ":A/b",
        "@Example.com:a", "a@B@c:d", "..:A", "/Srv/repo.git", "../Repo",
        "Bücher.example:a",
    ])
    func `stays as it is where it is none of these`(_ url: String) {
        #expect(RepositoryURL.normalizedGit(url) == url)
    }

    @Test(arguments: [
        " ", "\t", "\n", "\r\n", "\u{A0}", "\u{200B}", "\u{FEFF}\u{FEFF}", " \t\u{2028}\u{E000}\u{0} ",
    ])
    func `loses what can't be seen around it`(_ blanks: String) {
        #expect(RepositoryURL.normalizedGit(blanks + "https://github.com/a/b.git" + blanks) == "https://github.com/a/b")
        #expect(RepositoryURL.normalizedImage(blanks + "docker.io/library/busybox" + blanks) == "busybox")
        #expect(RepositoryURL.normalizedChart(blanks + "oci://ghcr.io/a/b" + blanks) == "ghcr.io/a/b")
    }

    @Test(arguments: ["\t", "\r\n", "\u{A0}", "\u{200B}", "\u{FEFF}"])
    func `loses what can't be seen within it`(_ blank: String) {
        #expect(RepositoryURL.normalizedGit("https://github\(blank).com/a") == "https://github.com/a")
    }

    @Test(arguments: [
        ("index.docker.io/library/busybox", "busybox"), ("registry-1.docker.io/busybox", "busybox"),
        ("docker.io/library/busybox", "busybox"), ("library/busybox", "busybox"), ("Busybox", "busybox"),
        ("docker.io/example/repo", "example/repo"), ("example/repo", "example/repo"),
        ("ghcr.io/library/Repo", "ghcr.io/library/repo"), ("localhost:5000/a/b", "localhost:5000/a/b"),
        ("quay.io/a/b:v1", "quay.io/a/b"), ("quay.io/a/b@sha256:0123", "quay.io/a/b"), ("busybox:1.36", "busybox"),
        ("localhost:5000/a:v1", "localhost:5000/a"), ("", ""), ("invalid url", "invalid url"),
    ])
    func `is the same for every way to write that of an image`(_ url: String, _ normalized: String) {
        #expect(RepositoryURL.normalizedImage(url) == normalized)
    }

    @Test(arguments: [
        ("oci://ghcr.io/A/Chart", "ghcr.io/a/chart"), ("OCI://docker.io/library/chart", "chart"),
        ("https://charts.example.com", "https://charts.example.com"),
        ("https://charts.example.com:8080/stable", "https://charts.example.com:8080/stable"), ("oci://", ""), ("", ""),
    ])
    func `of a chart is that of an image`(_ url: String, _ normalized: String) {
        #expect(RepositoryURL.normalizedChart(url) == normalized)
    }
}
