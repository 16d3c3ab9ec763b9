import Synchronization
import Testing

@testable import KargoCore

@Suite("Functions that read the Project")
struct ExpressionDataTests {
    private static let image = "${{ imageFrom('ghcr.io/a/b')"

    // MARK: ConfigMaps and Secrets

    @Test(
        arguments: [
            ("configMap('settings').region", "eu"), ("configMap('settings').none", ""),
            ("configMap('none').region", ""),
            ("configMap('settings').none ?? 'other'", ""), ("keys(configMap('none')) == []", true),
            ("sharedConfigMap('common').domain", "example.com"), ("sharedConfigMap('settings').region", ""),
            ("configMap('common').domain", ""), ("secret('token').value", "hunter22"), ("secret('none').value", ""),
            ("sharedSecret('ok').value", "shared-one"), ("sharedSecret('git').value", ""), ("sharedSecret('no')", [:]),
            ("len(secret('token'))", 2),
        ] as [(String, JSONValue)]
    )
    func `reads ConfigMaps and Secrets`(_ expression: String, _ expected: JSONValue) async throws {
        #expect(try await ExpressionProject().value("\(expression)") == expected)
    }

    @Test(
        arguments: [
            ("secret('')", "secret() needs a name"), ("configMap('')", "configMap() needs a name"),
            ("secret(vars.n)", "must be a string"), ("stageMetadata('')", "stageMetadata() needs a name"),
            ("freightMetadata('')", "freightMetadata() needs a name"), ("warehouse('')", "warehouse() needs a name"),
            ("secret('broken').value", "is not base64"), ("secret()", "argument"), ("secret('a', 'b')", "argument"),
        ]
    )
    func `says what is wrong with a call`(_ expression: String, _ expected: String) async throws {
        let error = await #expect(throws: ExpressionError.self) {
            try await ExpressionProject().value(expression)
        }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func `reads a Secret once for all expressions of a step`() async throws {
        let counting = CountingData()
        let project = ExpressionProject(data: counting)
        let step = try step(
            "a",
            if: "${{ secret('token').value != '' }}",
            vars: [ExpressionVariable(name: "v", value: "${{ secret('token').value }}")],
            config: ["c": "${{ secret('token').value }}", "d": "${{ secret('none').x }}${{ secret('none').y }}"]
        )
        let evaluator = project.evaluator(step)
        #expect(try await evaluator.shouldRun())
        #expect(try await evaluator.config() == ["c": "hunter22", "d": ""])
        #expect(counting.reads == ["token", "none", "none"])
        _ = try await project.evaluator(step).config()
        #expect(counting.reads == ["token", "none", "none", "token", "none", "none"])
    }

    // MARK: What is noted

    @Test(
        arguments: [
            ("freightMetadata('f1').ticket", "T-1"), ("freightMetadata('f1').nested.n + 1", 2.0),
            ("freightMetadata('f2')", nil), ("freightMetadata('none')", nil), ("stageMetadata('test').note", "x"),
            ("stageMetadata('none')?.note ?? 'd'", "d"),
            ("freightStatus('f1').verifiedIn.test.verifiedAt", "2026-01-02T03:04:05Z"),
            ("keys(freightStatus('f1'))", ["metadata", "verifiedIn"]), ("freightStatus('none')", nil),
        ] as [(String, JSONValue)]
    )
    func `reads what is noted on Freight and Stages`(_ expression: String, _ expected: JSONValue) async throws {
        #expect(try await ExpressionProject().value(expression) == expected)
    }

    // MARK: Artifacts

    @Test(
        arguments: [
            ("imageFrom('ghcr.io/a/b').Tag", "1.2.3"), ("imageFrom('ghcr.io/a/b').Annotations['a']", "b"),
            ("imageFrom('ghcr.io/a/b').Digest", ""), ("imageFrom('ghcr.io/A/b')", nil), ("imageFrom('none')?.Tag", nil),
            ("imageFrom('ghcr.io/a/b', warehouse('main')).Tag", "1.2.3"),
            ("imageFrom('ghcr.io/a/b', warehouse('other'))", nil), ("imageFrom('twice', warehouse('main')).Tag", "m"),
            ("imageFrom('twice', warehouse('other')).Tag", "o"),
            ("commitFrom('https://github.com/a/b').ID", "c0ffee"),
            ("commitFrom('https://GitHub.com/a/B.git/').ID", "c0ffee"), ("commitFrom('https://github.com/a/c')", nil),
            ("chartFrom('https://charts', 'web').Version", "2.0.0"), ("chartFrom('oci://r/chart').Version", "3.0.0"),
            ("chartFrom('https://charts', 'web', warehouse('main')).Version", "2.0.0"),
            ("chartFrom('oci://r/chart', warehouse('main')).Version", "3.0.0"),
            ("chartFrom('oci://r/chart', warehouse('other'))", nil),
            ("artifactFrom('things').Metadata.size", 5.0), ("artifactFrom('none')", nil),
            ("imageFrom('ghcr.io/a/b')", ["repoURL": "ghcr.io/a/b", "tag": "1.2.3", "annotations": ["a": "b"]]),
            ("commitFrom('https://github.com/a/b')", ["repoURL": "https://github.com/a/b.git", "id": "c0ffee"]),
            ("warehouse('main')", ["kind": "Warehouse", "name": "main"]), ("warehouse('main').Kind", "Warehouse"),
            (
                "artifactFrom('things')",
                [
                    "ArtifactType": "thing", "SubscriptionName": "things", "Version": "v1",
                    "Metadata": ["size": 5.0],
                ]
            ),
        ] as [(String, JSONValue)]
    )
    func `finds artifacts`(_ expression: String, _ expected: JSONValue) async throws {
        #expect(try await ExpressionProject().value(expression) == expected)
    }

    @Test(
        arguments: [
            ("imageFrom('twice')", #"Warehouses "main" and "other" subscribe to it"#),
            ("imageFrom('double')", #"Warehouse "other" subscribes to it twice"#),
            ("imageFrom('twice', 'main')", #"warehouse("…")"#), ("imageFrom('twice', {'Name': 'main'})", "warehouse"),
            ("chartFrom('https://charts', '', warehouse('main'))", "needs a name"),
            ("chartFrom('https://charts', 'other')", "no Warehouse"), ("chartFrom('none')", "no Warehouse"),
            ("chartFrom('https://charts', 5)", "the chart's name or a Warehouse"),
            ("imageFrom('none').Tag", "nil"),
            ("imageFrom('ghcr.io/a/b').tag", "it has RepoURL, Tag, Digest, Annotations, SubscriptionName"),
            ("imagefrom('ghcr.io/a/b')", "did you mean imageFrom()?"),
        ]
    )
    func `refuses to guess`(_ expression: String, _ expected: String) async throws {
        let error = await #expect(throws: ExpressionError.self) { try await ExpressionProject().value(expression) }
        #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }

    @Test func `names the Warehouse that is missing`() async throws {
        var project = ExpressionProject()
        project.promotion.freightRequests.append(ExpressionProject.request("gone"))
        let error = await #expect(throws: ExpressionError.self) { try await project.value("imageFrom('x')") }
        #expect(error?.description.contains(#"no Warehouse "gone" in Project "project""#) == true)
        #expect(try await project.value("imageFrom('ghcr.io/a/b', warehouse('main')).Tag") == "1.2.3")
    }

    @Test(arguments: ["status('a')", "success()", "failure()", "always()"])
    func `gives variables everything but the status of steps`(_ call: String) async throws {
        let project = ExpressionProject()
        let good = ExpressionVariable(name: "v", value: "${{ imageFrom('ghcr.io/a/b').Tag }}")
        let step = try step("a", vars: [good], config: ["v": "${{ quote(vars.v) }}"])
        #expect(try await project.evaluator(step, vars: [good]).config() == ["v": "1.2.3"])
        let bad = ExpressionVariable(name: "v", value: "${{ \(call) }}")
        await #expect(throws: ExpressionError.self) { try await project.evaluator(step, vars: [bad]).config() }
    }

    @Test func `lets a failure to read through as the cause`() async throws {
        struct Forbidden: Error {}
        let error = await #expect(throws: ExpressionError.self) {
            try await ExpressionProject(data: FailingData(error: Forbidden())).value("secret('token')")
        }
        #expect(error?.cause is Forbidden)
        await #expect(throws: CancellationError.self) {
            try await ExpressionProject(data: FailingData(error: CancellationError())).value("secret('token')")
        }
    }
}

/// Counts the Secrets that are read.
private final class CountingData: ExpressionData {
    private let names = Mutex<[String]>([])
    private let base = ExpressionProject.objects

    var reads: [String] { names.withLock { $0 } }

    func configMap(_ name: String, in space: ExpressionSpace) -> ConfigMap? { base.configMap(name, in: space) }
    func secret(_ name: String, in space: ExpressionSpace) -> Secret? {
        names.withLock { $0.append(name) }
        return base.secret(name, in: space)
    }
    func warehouse(_ name: String, project: String) -> Warehouse? { base.warehouse(name, project: project) }
    func freight(_ name: String, project: String) -> Freight? { base.freight(name, project: project) }
    func stage(_ name: String, project: String) -> Stage? { base.stage(name, project: project) }
}

/// Can't read anything.
private struct FailingData: ExpressionData {
    let error: any Error

    func configMap(_ name: String, in space: ExpressionSpace) throws -> ConfigMap? { throw error }
    func secret(_ name: String, in space: ExpressionSpace) throws -> Secret? { throw error }
    func warehouse(_ name: String, project: String) throws -> Warehouse? { throw error }
    func freight(_ name: String, project: String) throws -> Freight? { throw error }
    func stage(_ name: String, project: String) throws -> Stage? { throw error }
}
