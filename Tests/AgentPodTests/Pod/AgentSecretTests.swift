import AgentPod
import Testing

@Suite("Agent secret")
struct AgentSecretTests {
    private func secret(
        key: String = "key",
        namespace: String = "demo",
        pod: String = "promotion-agent-uid-1",
        nonce: String = "00ff"
    ) -> AgentSecret {
        AgentSecret(key: Array(key.utf8), namespace: namespace, pod: pod, nonce: nonce)
    }

    @Test func `is the same whenever it is derived`() {
        #expect(secret().token == "zdxgrYH2jqd648I5QeyuzNrO80_11HxaZLE8dmmtBNA")
        #expect(secret().digest == "bacb4bfa1f2a03c29814909bb50cb477977b1611429ff1e6e57bc2013fa19e5f")
    }

    @Test func `is another one where anything is another`() {
        let tokens = [
            secret(), secret(key: "other"), secret(namespace: "other"), secret(pod: "other"), secret(nonce: "other"),
        ]
        .map(\.token)
        #expect(Set(tokens).count == tokens.count)
        #expect(tokens.allSatisfy { $0.utf8.count == 43 })
    }

    @Test func `has a new nonce each time`() {
        let nonces = (0..<100).map { _ in AgentSecret.makeNonce() }
        #expect(Set(nonces).count == 100)
        #expect(nonces.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }
}
