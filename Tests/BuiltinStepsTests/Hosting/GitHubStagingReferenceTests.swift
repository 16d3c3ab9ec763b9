import KargoCore
import KargoTestSupport
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("github-push: the staging reference", .timeLimit(.minutes(1)))
struct GitHubStagingReferenceTests {
    private func remove(
        _ reference: GitHubStagingReference,
        cancelled: Bool,
        answer: StubServer.Answer
    ) async throws -> [String] {
        try await StubServer.with(answer: answer) { server in
            let endpoint = APIClient.Endpoint(service: "GitHub", base: try RequestURL(server.url("/api")))
            try await APIClient.with(endpoint, proxies: ProxyRules(environment: [:])) { client in
                let repository = GitHubRepository(client: client, owner: "acme", name: "app")
                await Task {
                    if cancelled { withUnsafeCurrentTask { $0?.cancel() } }
                    await reference.remove(from: repository)
                }
                .value
            }
            return server.requests.map { "\($0.method) \($0.path)" }
        }
    }

    private let deletion = "DELETE /api/repos/acme/app/git/refs/kargo/staging/p.01"

    @Test func `is left alone by who never pushed`() async throws {
        let reference = GitHubStagingReference(promotion: "p.01")
        #expect(try await remove(reference, cancelled: true, answer: .always(.text("{}"))) == [])
    }

    @Test func `is taken away although the push was cancelled, as soon as it is there`() async throws {
        let turns = Turns()
        let reference = GitHubStagingReference(promotion: "p.01", patience: .seconds(3600))
        reference.begin()
        let calls = try await remove(
            reference,
            cancelled: true,
            answer: .by { _ in
                turns.next() < 3
                    ? .text("{\"message\": \"Reference does not exist\"}", status: 422)
                    : StubServer.Response(status: 204)
            }
        )
        #expect(calls == [deletion, deletion, deletion])
    }

    @Test func `is not waited for after a push that failed`() async throws {
        let reference = GitHubStagingReference(promotion: "p.01")
        reference.begin()
        #expect(try await remove(reference, cancelled: false, answer: .always(.text("{}", status: 422))) == [deletion])
    }

    @Test(arguments: [StubServer.Response(neverComes: true), .text("{}", status: 404)])
    func `keeps nobody who has no more time`(response: StubServer.Response) async throws {
        let reference = GitHubStagingReference(promotion: "p.01")
        reference.begin()
        #expect(try await remove(reference, cancelled: true, answer: .always(response)).first == deletion)
    }
}
