import ArgumentParser
import KargoCore
import KargoTestSupport
import Testing

@testable import KargoCommands

@Suite("Status of the local cluster")
struct LocalStatusTests {
    private let installation = LocalInstallation(dataDirectory: "/data/it's here")
    private let cluster = LocalInstallation.Running(pid: 7, address: "https://127.0.0.1:40001")

    @Test func `is complete when both run`() {
        #expect(!LocalStatus(of: installation, [:]).isComplete)
        #expect(!LocalStatus(of: installation, [.cluster: cluster]).isComplete)
        #expect(LocalStatus(of: installation, [.cluster: cluster, .controller: .init(pid: 8)]).isComplete)
    }

    @Test func `tells programs what runs`() {
        #expect(
            LocalStatus(of: installation, [.cluster: cluster, .controller: .init(pid: 8)]).json == [
                "cluster": ["pid": 7, "address": "https://127.0.0.1:40001"], "controller": ["pid": 8],
                "kubeconfig": "/data/it's here/kubeconfig", "dataDir": "/data/it's here",
            ]
        )
        let nothing = LocalStatus(of: installation, [:]).json
        #expect(nothing["cluster"] == .null && nothing["controller"] == .null)
    }

    @Test func `tells people what runs`() {
        #expect(
            LocalStatus(of: installation, [.cluster: cluster]).table == """
                PART         STATE     PROCESS   ADDRESS
                cluster      running   7         https://127.0.0.1:40001
                controller   stopped

                """
        )
    }

    @Test func `tells a shell how to use it`() {
        #expect(
            LocalStatus(of: installation, [.cluster: cluster, .controller: .init(pid: 8)]).shellText == """
                # cluster runs as process 7 at https://127.0.0.1:40001
                # controller runs as process 8
                export KUBECONFIG='/data/it'\\''s here/kubeconfig'

                """
        )
        let plain = LocalInstallation(dataDirectory: "/data/.kargo")
        #expect(LocalStatus(of: plain, [:]).shellText == "export KUBECONFIG=/data/.kargo/kubeconfig\n")
    }

    @Test(arguments: [("/a/b", "/a/b"), ("/a/b/", "/a/b"), ("/a/./c/../b", "/a/b"), ("/", "/"), ("/a b/ü", "/a b/ü")])
    func `makes the directory's path absolute`(given: String, expected: String) throws {
        #expect(try LocalOptions.parse(["--data-dir", given]).installation.dataDirectory == expected)
    }

    @Test func `takes a path from the current directory`() throws {
        let path = try LocalOptions.parse([]).installation.dataDirectory
        #expect(path.hasPrefix("/") && path.hasSuffix("/.kargo") && !path.contains("/./"))
    }

    @Test func `exits with 3 when something is missing`() async throws {
        try await ScopedDirectory.with { directory in
            let command = try Kargo.parseAsRoot(["local", "status", "--data-dir", directory.path])
            let status = try #require(command as? LocalStatusCommand)
            let error = await #expect(throws: ExitCode.self) { try await status.run() }
            #expect(error?.rawValue == 3)
        }
    }
}
