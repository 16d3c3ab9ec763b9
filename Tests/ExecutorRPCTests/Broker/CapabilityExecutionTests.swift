import ExecutorRPC
import KargoCore
import KargoTestSupport
import Testing

@Suite("Executions that ask", .timeLimit(.minutes(1)))
struct CapabilityExecutionTests {
    private static let url = "https://git.example/a"
    private static let secret = CapabilityReply.credentials(
        username: "user",
        password: "pass-word-1",
        sshPrivateKey: "PRIVATE KEY"
    )

    /// Runs steps that ask for the credentials of each repository in their configuration, one after the other, and put
    /// out the passwords.
    private let service = ExecutionService(bootID: "boot") { step, _ in
        var passwords: [JSONValue] = []
        for url in step.config["urls"]?.arrayValue ?? [] {
            let found = try await BrokeredCapabilities()
                .credentials(.git, for: url.stringValue ?? "", project: "other")
            passwords.append(found.map { .string($0.password) } ?? .null)
        }
        return .succeeded(output: ["passwords": .array(passwords)])
    }

    private func start(_ id: String, _ urls: String...) -> ExecutionStart {
        let config: JSONValue = ["urls": .array(urls.map(JSONValue.string))]
        return ExecutionStart(id: id, step: StepFixtures.step(config: config))
    }

    /// What an execution waits with.
    private func needs(_ id: String, _ service: ExecutionService? = nil) async throws -> [CapabilityRequest] {
        let report = await (service ?? self.service).wait(for: id, limit: .seconds(25))
        return try #require(report).needs
    }

    private func answer(_ id: String, _ request: CapabilityRequest, _ reply: CapabilityReply) -> ExecutionReport? {
        service.answer(id, [CapabilityAnswer(id: request.id, reply: reply)])
    }

    // MARK: Asking

    @Test func `tell what they need and go on with the answer`() async throws {
        _ = try service.start(start("a", Self.url, "https://git.example/b"))
        let first = try #require(try await needs("a").first)
        #expect(first.question == .credentials(type: .git, url: Self.url))
        #expect(answer("a", first, Self.secret)?.result == nil)
        let second = try await needs("a")
        #expect(second.map(\.question) == [.credentials(type: .git, url: "https://git.example/b")])
        _ = answer("a", try #require(second.first), .nothing)
        let report = await service.wait(for: "a", limit: .seconds(25))
        #expect(report?.result == .succeeded(output: ["passwords": ["pass-word-1", nil]]))
        #expect(report?.needs == [])
    }

    @Test func `tell a controller that was started anew the same`() async throws {
        _ = try service.start(start("a", Self.url))
        let needs = try await needs("a")
        #expect(needs.count == 1)
        #expect(try await self.needs("a") == needs)
        #expect(try service.start(start("a", Self.url)).needs == needs)
        #expect(await service.wait(for: "a", limit: .zero)?.needs == needs)
        #expect(service.list.executions.map(\.needs) == [[]])
        _ = answer("a", needs[0], Self.secret)
        // The answer of the controller before comes late.
        _ = answer("a", needs[0], .refused(reason: "late"))
        #expect(await service.wait(for: "a", limit: .seconds(25))?.result?.status == .succeeded)
        #expect(answer("a", needs[0], Self.secret)?.result?.status == .succeeded)
    }

    @Test func `wake a controller that waits`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let service = ExecutionService(bootID: "boot", clock: ManualClock()) { _, _ in
            for await _ in gates { break }
            _ = try await BrokeredCapabilities().gitUser()
            return .succeeded()
        }
        _ = try service.start(start("a"))
        async let report = service.wait(for: "a", limit: .seconds(25))
        gate.yield()
        #expect(await report?.needs.map(\.question) == [.gitUser])
        await service.cancelAll()
    }

    @Test func `may ask for several things at once`() async throws {
        let service = ExecutionService(bootID: "boot") { _, _ in
            async let user = BrokeredCapabilities().gitUser()
            async let warehouse = BrokeredCapabilities().warehouse("main", project: "")
            return .succeeded(
                output: ["name": .string(try await user.name), "kind": .string(try await warehouse?.kind ?? "")]
            )
        }
        _ = try service.start(start("a"))
        var answered = 0
        while answered < 2 {
            let needs = try await needs("a", service)
            answered += needs.count
            let answers = needs.map { request in
                let reply: CapabilityReply =
                    request.question == .gitUser
                    ? .gitUser(name: "Kargo", email: "", signingKey: "") : .warehouse(Warehouse())
                return CapabilityAnswer(id: request.id, reply: reply)
            }
            _ = service.answer("a", answers)
        }
        let report = await service.wait(for: "a", limit: .seconds(25))
        #expect(report?.result == .succeeded(output: ["name": "Kargo", "kind": "Warehouse"]))
    }

    // MARK: Refusals

    @Test(
        arguments: [
            (.refused(reason: "no such grant"), "no such grant"), (.failed(reason: "no server"), "no server"),
            (
                .gitUser(name: "a", email: "b", signingKey: "KEY"),
                "the controller's answer is of another kind: git user"
            ),
        ] as [(CapabilityReply, String)]
    )
    func `say why they get no answer`(reply: CapabilityReply, message: String) async throws {
        _ = try service.start(start("a", Self.url))
        _ = answer("a", try #require(try await needs("a").first), reply)
        #expect(await service.wait(for: "a", limit: .seconds(25))?.result == .errored(message))
    }

    @Test func `are refused the seventeenth question`() async throws {
        let service = ExecutionService(bootID: "boot") { _, _ in
            for _ in 0..<17 { _ = try await BrokeredCapabilities().gitUser() }
            return .succeeded()
        }
        _ = try service.start(start("a"))
        for _ in 0..<16 {
            let request = try #require(try await needs("a", service).first)
            let reply = CapabilityReply.gitUser(name: "", email: "", signingKey: "")
            _ = service.answer("a", [CapabilityAnswer(id: request.id, reply: reply)])
        }
        let result = await service.wait(for: "a", limit: .seconds(25))?.result
        #expect(result == .errored("the step asks the controller for more than 16 things; split it"))
    }

    @Test func `get no answers that are meant for others`() async throws {
        _ = try service.start(start("a", Self.url))
        let old = try #require(try await needs("a").first)
        _ = await service.cancel("a")
        _ = try service.start(start("b", Self.url))
        let new = try #require(try await needs("b").first)
        #expect(answer("a", new, Self.secret)?.result?.status == .errored)
        #expect(answer("b", old, Self.secret)?.needs == [new])
        #expect(answer("c", new, Self.secret) == nil)
        _ = answer("b", new, .nothing)
        #expect(
            await service.wait(for: "b", limit: .seconds(25))?.result == .succeeded(output: ["passwords": [nil]])
        )
    }

    @Test func `can't ask outside of an execution`() async throws {
        await #expect(throws: MissingCapability.self) { try await BrokeredCapabilities().gitUser() }
    }

    @Test func `can't write to the cluster`() async throws {
        let broker = BrokeredCapabilities()
        await #expect(throws: MissingCapability.self) {
            try await broker.setMetadata([:], of: .stage("test"), project: "demo")
        }
        await #expect(throws: MissingCapability.self) {
            try await broker.setFreightAlias("a", of: "b", project: "demo")
        }
        await #expect(throws: MissingCapability.self) { try await broker.recordEvent(Event()) }
        #expect(BrokeredCapabilities.capabilities.argoCD == nil)
    }

    // MARK: Ends

    @Test func `stop asking when they are cancelled`() async throws {
        _ = try service.start(start("a", Self.url))
        let request = try #require(try await needs("a").first)
        let report = await service.cancel("a")
        #expect(report?.result == .errored("the step was cancelled"))
        #expect(report?.needs == [])
        #expect(answer("a", request, Self.secret) == report)
    }

    @Test func `keep what they were told out of their messages`() async throws {
        let service = ExecutionService(bootID: "boot") { _, _ in
            let found = try await BrokeredCapabilities().credentials(.git, for: Self.url, project: "")
            return .errored("git says: \(found?.password ?? "") \(found?.sshPrivateKey ?? "") is wrong")
        }
        _ = try service.start(start("a"))
        let request = try #require(try await needs("a", service).first)
        _ = service.answer("a", [CapabilityAnswer(id: request.id, reply: Self.secret)])
        let result = await service.wait(for: "a", limit: .seconds(25))?.result
        #expect(result == .errored("git says: *** *** is wrong"))
    }
}
