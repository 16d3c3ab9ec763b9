import KargoCore
import KargoTestSupport
import KubernetesClient
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A cluster that is killed while many write to it.
///
/// `scripts/soak.sh` does it more often, with more objects.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(60)))
struct DurabilityIntegrationTests {
    private static let kills = number("KARGO_SOAK_KILLS") ?? 10
    private static let objects = number("KARGO_SOAK_OBJECTS") ?? 200
    /// How long a start may take, where that is measured.
    private static let startUp = number("KARGO_SOAK_START_MILLISECONDS").map { Duration.milliseconds($0) }

    private static let ballast = "kube-system"
    private static let namespace = "default"

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// Fills the cluster with objects that nobody touches.
    private func fill(_ cluster: ClusterProcess) async throws {
        try await cluster.connected { api in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<16 {
                    group.addTask {
                        for index in stride(from: lane, to: Self.objects, by: 16) {
                            let object = LedgerObject.make("object-\(index)", revision: index)
                            _ = try await api.create(.configMaps, namespace: Self.ballast, object)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Writes from many sides until the server is killed, after so many answers.
    private func write(to cluster: ClusterProcess, round: Int, killAfter count: Int, _ ledger: WriteLedger) async throws
    {
        try await cluster.connected { api in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        var index = 0
                        while let answers = try? await write(
                            "w\(writer)-\(index % 10)",
                            revision: round * 10_000 + index + 1,
                            api,
                            ledger
                        ) {
                            if answers == count { ProcessSignal.kill(cluster.running.pid) }
                            index += 1
                        }
                    }
                }
            }
        }
    }

    /// Makes one write.
    ///
    /// - Returns: How many answers there have been.
    private func write(
        _ name: String,
        revision: Int,
        _ api: ClusterConnection,
        _ ledger: WriteLedger
    ) async throws -> Int {
        let request = ledger.next(name, revision: revision)
        let object = LedgerObject.make(name, revision: revision)
        ledger.begin(name, revision: request == .delete ? nil : revision)
        let answer: JSONValue
        switch request {
        case .create: answer = try await api.create(.configMaps, namespace: Self.namespace, object)
        case .update:
            answer = try await api.patch(.configMaps, namespace: Self.namespace, name: name, .merge(object))
        case .delete:
            try await api.delete(.configMaps, namespace: Self.namespace, name: name)
            return ledger.finish(name, .absent)
        }
        let version = answer[path: "metadata", "resourceVersion"]?.stringValue ?? ""
        return ledger.finish(name, .present(revision: revision, version: version))
    }

    /// What SQLite finds wrong with the file that was left behind.
    private func check(_ directory: ScopedDirectory) async throws -> String {
        let script = """
            import sqlite3, sys
            print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])
            """
        let outcome = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", script, directory.file("data/cluster.db")],
            output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16)
        )
        return outcome.standardOutput + outcome.standardError
    }

    @Test func `loses no acknowledged write and tears none, whenever it is killed`() async throws {
        try await ScopedDirectory.with { directory in
            let ledger = WriteLedger()
            try await ClusterProcess.with(directory) { try await fill($0) }
            var slowest = Duration.zero
            for round in 0..<Self.kills {
                if round % 4 == 3 {
                    // Somewhere on the way to being ready, or just after.
                    let seconds = Double.random(in: 0.001..<0.4)
                    _ = try await ClusterProcess.ending(directory, launcher: ["timeout", "-s", "KILL", "\(seconds)"])
                }
                try await ClusterProcess.with(directory) { cluster in
                    slowest = max(slowest, cluster.startUp)
                    let stored = try await cluster.connected {
                        try await $0.list(.configMaps, namespace: Self.namespace)
                    }
                    #expect(ledger.differences(from: stored) == [], "round \(round)")
                    let answers = ledger.count + Int.random(in: 1...600)
                    try await write(to: cluster, round: round + 1, killAfter: answers, ledger)
                }
            }
            #expect(try await check(directory) == "ok\n")
            try await ClusterProcess.with(directory) { cluster in
                try await cluster.connected { api in
                    let stored = try await api.list(.configMaps, namespace: Self.namespace)
                    #expect(ledger.differences(from: stored) == [])
                    let untouched = LedgerObject.own(try await api.list(.configMaps, namespace: Self.ballast).items)
                    #expect(untouched.count == Self.objects)
                    #expect(untouched.allSatisfy { LedgerObject.revision(of: $0) != nil })
                }
            }
            #expect(ledger.count >= Self.kills)
            if let startUp = Self.startUp {
                #expect(slowest < startUp)
                print("\(Self.kills) kills, \(ledger.count) acknowledged writes, slowest start \(slowest)")
            }
        }
    }
}
