import KargoCore
import KubernetesClient
import Synchronization
import Testing

@testable import KargoCommands

@Suite("Logs of a Promotion")
struct PromotionLogsTests {
    private let podPath = "/api/v1/namespaces/demo/pods/promotion-agent-u-1"

    private var pod: JSONValue {
        let targets = #"{"mkdir":{"address":"http://localhost:9765","containerName":"mkdir-step-plugin"}}"#
        return [
            "metadata": [
                "name": "promotion-agent-u-1", "namespace": "demo",
                "labels": ["kargo-extended.code.org/promotion": "test.01.abc"],
                "annotations": ["kargo-extended.code.org/promotion-uid": "u-1"],
            ],
            "spec": [
                "initContainers": [["name": "mkdir-step-plugin"]],
                "containers": [
                    [
                        "name": "promotion-agent",
                        "env": [["name": "KARGO_STEP_PLUGIN_TARGETS", "value": .string(targets)]],
                    ]
                ],
            ],
        ]
    }

    private func logs(_ cluster: CannedCluster) async throws -> PromotionLogs {
        try #require(await PromotionLogs(api: cluster, promotion: SamplePromotion.make("Running")))
    }

    private func output(
        _ cluster: CannedCluster,
        step: String?,
        _ reading: LogReading = .upToNow
    ) async throws -> [String] {
        let lines = Mutex<[String]>([])
        var logs = try await logs(cluster)
        logs.write = { line in lines.withLock { $0.append(line) } }
        logs.note = { line in lines.withLock { $0.append("! \(line)") } }
        try await logs.print(step: step, reading)
        return lines.withLock { $0 }
    }

    @Test(arguments: [("clone", "promotion-agent"), ("step-2", "mkdir-step-plugin"), ("notify", "promotion-agent")])
    func `knows in which container a step runs`(alias: String, container: String) async throws {
        #expect(try await logs(CannedCluster([podPath: pod])).container(ofStep: alias) == container)
    }

    @Test func `names the steps when there is none of an alias`() async throws {
        let logs = try await logs(CannedCluster([podPath: pod]))
        let error = #expect(throws: CommandError.self) { try logs.container(ofStep: "x") }
        #expect(error?.description.hasSuffix("has no step \"x\"; it has clone, step-2, notify") == true)
    }

    @Test func `prints one container plainly and several with their names`() async throws {
        let cluster = CannedCluster([podPath: pod])
        cluster.stream("\(podPath)/log", ["one", "two"])
        #expect(try await output(cluster, step: "step-2") == ["one\n", "two\n"])
        #expect(cluster.reads.last == "\(podPath)/log?container=mkdir-step-plugin")

        cluster.stream("\(podPath)/log", ["plugin"])
        cluster.stream("\(podPath)/log", ["agent"])
        #expect(
            try await output(cluster, step: nil) == ["mkdir-step-plugin | plugin\n", "promotion-agent   | agent\n"]
        )
    }

    @Test func `notes a container that has not begun`() async throws {
        let lines = try await output(CannedCluster([podPath: pod]), step: "clone")
        #expect(lines == ["! promotion-agent: no stream of \(podPath)/log is left"])
    }

    @Test func `follows all containers at once`() async throws {
        let cluster = CannedCluster([podPath: pod])
        cluster.stream("\(podPath)/log", ["x"])
        cluster.stream("\(podPath)/log", ["x"])
        let lines = try await output(cluster, step: nil, .untilItEnds)
        #expect(lines.sorted() == ["mkdir-step-plugin | x\n", "promotion-agent   | x\n"])
        #expect(cluster.reads.suffix(2).allSatisfy { $0.hasSuffix("&follow=true") })
    }

    @Test func `takes no Pod that is another Promotion's`() async throws {
        var foreign = pod
        foreign[path: "metadata", "annotations", "kargo-extended.code.org/promotion-uid"] = "u-2"
        let promotion = try SamplePromotion.make("Running")
        #expect(try await PromotionLogs(api: CannedCluster([podPath: foreign]), promotion: promotion) == nil)
    }

    @Test(arguments: [
        (nil, ["clone  | a\n", "clone  | b\n", "notify | c\n"]), ("clone", ["a\n", "b\n"]), ("step-2", []),
    ])
    func `prints what was kept`(step: String?, expected: [String]) async throws {
        let kept: JSONValue = [
            "metadata": ["name": "promotion-logs-u-1"], "data": ["step-0": "a\nb\n", "step-2": "c"],
        ]
        let cluster = CannedCluster(["/api/v1/namespaces/demo/configmaps/promotion-logs-u-1": kept])
        let promotion = try SamplePromotion.make("Succeeded")
        var logs = try #require(await KeptPromotionLogs(api: cluster, promotion: promotion))
        let lines = Mutex<[String]>([])
        logs.write = { line in lines.withLock { $0.append(line) } }
        try logs.print(step: step)
        #expect(lines.withLock { $0 } == expected)
        #expect(throws: CommandError.self) { try logs.print(step: "x") }
        #expect(try await KeptPromotionLogs(api: CannedCluster(), promotion: promotion) == nil)
    }

    @Test func `says why there can be no Pod`() async throws {
        let cluster = CannedCluster([podPath: pod])
        var local = try SamplePromotion.make("Running")
        local.metadata.annotations["kargo-extended.code.org/engine"] = "{\"engine\":\"local\"}"
        var young = local
        young.metadata.annotations = [:]
        for (promotion, reason) in [
            (local, "run in kargo-controller"), (young, "has not begun"),
        ] {
            let error = await #expect(throws: CommandError.self) {
                try await PromotionLogs(api: cluster, promotion: promotion)
            }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        }
    }
}
