import AgentPod
import KargoTestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct AgentKeyTests {
    @Test func `is made once, for its owner only, with the directory`() async throws {
        try await ScopedDirectory.with { directory in
            let path = directory.file("new/agent.key")
            let key = try AgentKey.load(path: path)
            #expect(key.count >= 32)
            #expect(try AgentKey.load(path: path) == key)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? Int).map { $0 & 0o777 } == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("new")) == ["agent.key"])
        }
    }

    @Test func `is not taken when it is too short to be one`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("secret", to: "agent.key")
            let path = directory.file("agent.key")
            let failure = #expect(throws: AgentKey.Failure.self) { try AgentKey.load(path: path) }
            #expect(failure?.description == "\(path): the agents' key has 6 bytes; 32 are the fewest")
        }
    }

    @Test func `says why it can't be made`() {
        let failure = #expect(throws: AgentKey.Failure.self) { try AgentKey.load(path: "/proc/nothing/agent.key") }
        #expect(failure?.description.contains("KARGO_AGENT_KEY_FILE must name a file") == true)
    }
}
