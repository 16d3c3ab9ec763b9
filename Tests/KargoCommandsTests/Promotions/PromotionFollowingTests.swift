import KargoCore
import KubernetesClient
import Synchronization
import Testing

@testable import KargoCommands

@Suite("Waiting for a Promotion")
struct PromotionFollowingTests {
    /// Notes the phases that it is shown.
    private final class Notebook: PromotionView {
        private let notes = Mutex<[String]>([])
        var phases: [String] { notes.withLock { $0 } }

        func show(_ promotion: Promotion) {
            let phase = promotion.status.phase?.rawValue ?? "none"
            notes.withLock { if $0.last != phase { $0.append(phase) } }
        }
    }

    private let path = "\(CannedCluster.project)/promotions/test.01.abc"
    private let watched = "\(CannedCluster.project)/promotions"

    private func object(_ phase: String?) -> JSONValue {
        SamplePromotion.object(status: phase.map { ["phase": .string($0)] } ?? [:])
    }

    private func event(_ type: String, _ phase: String?) -> String {
        JSONValue.object(["type": .string(type), "object": object(phase)]).text()
    }

    private func following(_ cluster: CannedCluster, interruptions: Notes = Notes()) -> PromotionFollowing {
        PromotionFollowing(
            api: cluster,
            name: "test.01.abc",
            project: "demo",
            backoff: Backoff(first: .zero, longest: .zero),
            onInterruption: { interruptions.add("\($0)") }
        )
    }

    private final class Notes: Sendable {
        private let notes = Mutex<[String]>([])
        var all: [String] { notes.withLock { $0 } }
        func add(_ note: String) { notes.withLock { $0.append(note) } }
    }

    @Test func `watches until the end, whichever it is`() async throws {
        for phase in ["Succeeded", "Failed", "Errored", "Aborted"] {
            let cluster = CannedCluster([path: object(nil)])
            cluster.stream(watched, [event("MODIFIED", "Running"), event("MODIFIED", phase), event("DELETED", phase)])
            let notebook = Notebook()
            let end = try await following(cluster).run(timeout: nil, view: notebook)
            #expect(end.rawValue == phase)
            #expect(notebook.phases == ["none", "Running", phase])
            #expect(cluster.reads.last?.contains("fieldSelector=metadata.name%3Dtest.01.abc") == true)
        }
    }

    @Test func `does not watch what has ended already`() async throws {
        let cluster = CannedCluster([path: object("Succeeded")])
        #expect(try await following(cluster).run(timeout: nil, view: Notebook()) == .succeeded)
        #expect(cluster.reads.count == 1)
    }

    @Test func `goes on after the cluster was away and the watch had ended`() async throws {
        let cluster = CannedCluster([path: object("Pending")])
        cluster.answer(path, 503, ["message": "busy"])
        cluster.answer(path, 503, ["message": "busy"])
        cluster.stream(watched, [event("MODIFIED", "Running")])
        cluster.stream(
            watched,
            [JSONValue.object(["type": "ERROR", "object": ["code": 410, "message": "too old"]]).text()]
        )
        cluster.stream(watched, [event("MODIFIED", "Succeeded")])
        let notes = Notes()
        let notebook = Notebook()
        #expect(try await following(cluster, interruptions: notes).run(timeout: nil, view: notebook) == .succeeded)
        #expect(notes.all == ["busy"])
        #expect(notebook.phases == ["Pending", "Running", "Pending", "Succeeded"])
    }

    @Test func `ends when the Promotion is gone`() async throws {
        let cluster = CannedCluster([path: object("Running")])
        cluster.stream(watched, [event("DELETED", "Running")])
        let error = await #expect(throws: CommandError.self) {
            try await following(cluster).run(timeout: nil, view: Notebook())
        }
        #expect(error?.description.contains("was deleted before it ended") == true)
    }

    @Test func `ends when the time is over`() async throws {
        let cluster = CannedCluster([path: object("Running")])
        cluster.keepSilent(watched)
        let error = await #expect(throws: CommandError.self) {
            try await following(cluster).run(timeout: .milliseconds(1), view: Notebook())
        }
        #expect(error?.description.contains("has not ended in time") == true)
    }
}
