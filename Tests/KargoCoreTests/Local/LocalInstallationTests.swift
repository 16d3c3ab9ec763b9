import KargoCore
import KargoTestSupport
import Testing

struct LocalInstallationTests {
    @Test func `nothing runs in a directory that was never used`() throws {
        let installation = LocalInstallation(dataDirectory: "/nowhere/at all")
        #expect(try installation.running(.cluster) == nil)
        try installation.waitUntilStopped(.controller)
    }

    @Test func `what runs is known until it ends, each part by itself`() async throws {
        try await ScopedDirectory.with { directory in
            let installation = LocalInstallation(dataDirectory: directory.path)
            do {
                let claim = try #require(try installation.claim(.cluster))
                try claim.publish(.init(pid: 7, address: "https://127.0.0.1:1"))
                #expect(try installation.running(.cluster) == .init(pid: 7, address: "https://127.0.0.1:1"))
                #expect(try installation.running(.controller) == nil)
                #expect(try installation.claim(.cluster) == nil)
            }
            #expect(try installation.running(.cluster) == nil)
            #expect(try installation.claim(.cluster) != nil)
        }
    }
}
