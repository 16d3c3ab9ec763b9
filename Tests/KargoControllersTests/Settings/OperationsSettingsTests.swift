import KargoControllers
import Testing

@Suite("Settings of health, metrics and replicas")
struct OperationsSettingsTests {
    private func settings(_ environment: [String: String]) throws -> ControllerSettings {
        try ControllerSettings(environment: environment, dataDirectory: "/data")
    }

    private func problem(_ environment: [String: String]) -> String? {
        do {
            _ = try settings(environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [nil, "", "0"])
    func `nothing is served unless an address is named`(text: String?) throws {
        #expect(try settings(text.map { ["METRICS_BIND_ADDRESS": $0] } ?? [:]).metricsAddress == nil)
    }

    @Test(arguments: [
        (":9090", "", 9090, "http://127.0.0.1:7"), ("127.0.0.1:0", "127.0.0.1", 0, "http://127.0.0.1:7"),
        ("[::1]:80", "::1", 80, "http://[::1]:7"), ("0.0.0.0:65535", "0.0.0.0", 65535, "http://127.0.0.1:7"),
        ("localhost:1", "localhost", 1, "http://localhost:7"),
    ])
    func `an address is read as Go reads it`(text: String, host: String, port: Int, url: String) throws {
        let address = try #require(try settings(["METRICS_BIND_ADDRESS": text]).metricsAddress)
        #expect(address.host == host && address.port == port)
        #expect(address.url(port: 7) == url)
        #expect("\(address)" == text)
    }

    @Test(arguments: ["9090", ":", ":65536", ":-1", ":http", "::1:80", "1.2.3.4"])
    func `what is no address is refused`(text: String) {
        #expect(
            problem(["METRICS_BIND_ADDRESS": text])
                == "METRICS_BIND_ADDRESS is \"\(text)\"; it must be an address and a port, like :9090, or 0 for none"
        )
    }

    @Test func `replicas are told to elect, and each shard elects for itself`() throws {
        #expect(try settings([:]).election == nil)
        #expect(try settings(["KARGO_LEADER_ELECTION": "false", "SHARD_NAME": "A_b"]).election == nil)
        let plain = try #require(try settings(["KARGO_LEADER_ELECTION": "true"]).election)
        #expect(plain.namespace == "kargo" && plain.leaseName == "kargo-leader")
        let sharded = try #require(
            try settings(["KARGO_LEADER_ELECTION": "1", "SHARD_NAME": "eu.east-1", "KARGO_NAMESPACE": "k"]).election
        )
        #expect(sharded.namespace == "k" && sharded.leaseName == "kargo-leader-eu.east-1")
    }

    @Test(arguments: ["A", "a_b", "-a", "a-", "a..b", "a.-b", ".a"])
    func `a shard that can't be in the name of a Lease is refused`(shard: String) {
        let problem = problem(["KARGO_LEADER_ELECTION": "true", "SHARD_NAME": shard])
        #expect(problem?.hasPrefix("SHARD_NAME is \"\(shard)\"; it must be lowercase letters") == true)
    }
}
