import KargoCore
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Tokens of Pods")
struct PodTokensTests {
    private let api = InMemoryAPI()
    private let time = MovableTime()

    private var pod: Pod {
        var pod = Pod()
        pod.metadata.uid = "u"
        pod.metadata.namespace = "default"
        return pod
    }

    private var source: PodTokens.Source {
        var source = PodTokens.Source()
        source.expirationSeconds = 1000
        return source
    }

    @Test func `are kept for four fifths of their time`() async throws {
        let tokens = PodTokens(api: api) { time.value }
        #expect(tokens.renewal(ofPod: "u") == nil)
        #expect(try await tokens.token(for: source, of: pod) == "token-1")
        #expect(tokens.renewal(ofPod: "u") == time.value + 800)
        time.advance(by: 799)
        #expect(try await tokens.token(for: source, of: pod) == "token-1")
        time.advance(by: 1)
        #expect(try await tokens.token(for: source, of: pod) == "token-2")
        var other = source
        other.audience = "vault"
        #expect(try await tokens.token(for: other, of: pod) == "token-3")
        tokens.forget(uid: "u")
        #expect(tokens.renewal(ofPod: "u") == nil)
    }

    @Test func `last to their end where none can be had`() async throws {
        let tokens = PodTokens(api: api) { time.value }
        #expect(try await tokens.token(for: source, of: pod) == "token-1")
        api.setAccounts([])
        time.advance(by: 900)
        #expect(try await tokens.token(for: source, of: pod) == "token-1")
        #expect(tokens.renewal(ofPod: "u") == time.value + 60)
        time.advance(by: 100)
        #expect(try await tokens.token(for: source, of: pod) == nil)
        api.setAccounts(["default"])
        #expect(try await tokens.token(for: source, of: pod) == "token-2")
    }
}
