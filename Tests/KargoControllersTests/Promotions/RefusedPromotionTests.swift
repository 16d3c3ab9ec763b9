import KargoControllers
import KargoCore
import KubernetesClient
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Promotion that the cluster refuses", .timeLimit(.minutes(1)))
struct RefusedPromotionTests {
    @Test func `ends a Promotion that it may not run, and says what to do`() async throws {
        let message = "pods is forbidden: User kargo cannot get resource pods"
        let fixture = try ControllerFixture { _ in throw KubernetesError(.forbidden, message) }
        try await fixture.running {
            try fixture.promote("p1")
            let status = try await fixture.wait(for: "Errored", of: "p1")
            let remedy = "apply extended/deploy/project in namespace demo"
            #expect(status["message"] == .string("the cluster refuses: \(message); \(remedy)"))
        }
        #expect(fixture.engine.calls.filter { $0 == "run p1" }.count == 1)
    }

    @Test func `says what the cluster refuses, and does not wait for ever`() async throws {
        let time = Kept(ControllerFixture.moment)
        let now: @Sendable () -> Date = { time.value }
        let fixture = try ControllerFixture { _ in throw KubernetesError(.unauthorized, "who are you") }
        try await fixture.running(now: now) {
            try fixture.promote("p1")
            let path = ControllerFixture.path(.promotions, "p1")
            try await fixture.cluster.wait(for: path) { object in
                object?[path: "status", "message"] == "the cluster refuses: who are you"
            }
            #expect(fixture.cluster[path]?[path: "status", "phase"] == "Running")
            time.change { $0 += 600 }
            let status = try await fixture.wait(for: "Errored", of: "p1")
            #expect(status["message"] == "the cluster refuses: who are you")
        }
    }
}
