import KargoCore
import KargoTestSupport
import KubernetesClient
import Synchronization
import Testing

@testable import KargoControllers

@Suite("Writing a status", .timeLimit(.minutes(1)))
struct StatusWriterTests {
    /// A server that has no time for one request, and takes the next.
    private final class BusyServer: KubernetesAPI {
        private let requests = Mutex(0)

        func send(_ request: APIRequest) async throws -> APIResponse {
            let number = requests.withLock { requests in
                requests += 1
                return requests
            }
            let object: JSONValue = ["metadata": ["name": "p", "namespace": "demo"], "spec": ["stage": "s"]]
            return number == 1
                ? APIResponse(status: 429, body: [], retryAfter: .seconds(60))
                : APIResponse(status: 200, body: object.serialized())
        }

        func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {}
    }

    @Test func `leaves a server alone for as long as it asks`() async throws {
        let clock = ManualClock()
        let writer = StatusWriter(api: BusyServer(), clock: clock)
        var promotion = Promotion()
        promotion.metadata.name = "p"
        var status = promotion.status
        status.message = "m"
        async let stored = writer.write(promotion, .promotions, from: promotion.status, to: status)
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(60))
        clock.advance(by: .seconds(60))
        #expect(try await stored?.metadata.name == "p")
    }

    /// A server whose object is not the one that is known.
    private struct ChangedServer: KubernetesAPI {
        func send(_ request: APIRequest) async throws -> APIResponse {
            let body = try JSONValue(parsing: request.body ?? [])
            let isStale = body[path: "metadata", "resourceVersion"] == "7"
            let object: JSONValue = ["metadata": ["name": "p", "namespace": "demo"], "spec": ["stage": "s"]]
            return isStale ? APIResponse(status: 409, body: []) : APIResponse(status: 200, body: object.serialized())
        }

        func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {}
    }

    @Test(arguments: [true, false])
    func `changes no object that must not have changed`(ifUnchanged: Bool) async throws {
        let writer = StatusWriter(api: ChangedServer())
        var promotion = Promotion()
        promotion.metadata.resourceVersion = "7"
        var status = promotion.status
        status.phase = .running
        var code: KubernetesError.Code?
        do {
            _ = try await writer.write(
                promotion,
                .promotions,
                from: promotion.status,
                to: status,
                ifUnchanged: ifUnchanged
            )
        } catch let error as KubernetesError {
            code = error.code
        }
        #expect(code == (ifUnchanged ? .conflict : nil))
    }
}
