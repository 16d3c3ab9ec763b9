import ExecutorRPC
import KargoCore
import Testing

@testable import AgentPod

@Suite("Answers to steps")
struct PromotionBrokerTests {
    private let fixtures = BrokerFixtures()

    private static let found = CapabilityReply.credentials(
        username: "user",
        password: BrokerFixtures.password,
        sshPrivateKey: ""
    )

    private func ask(
        _ question: CapabilityQuestion,
        of step: StepContext,
        index: Int = 0,
        earlier: [StepContext] = []
    ) async throws -> CapabilityReply {
        try await fixtures.broker(earlier: earlier)
            .reply(to: question, of: step, StepAttempt(step: index, errorCount: 0))
    }

    private func git(_ url: String) -> CapabilityQuestion { .credentials(type: .git, url: url) }

    private func refusal(_ reply: CapabilityReply) -> String? {
        if case .refused(let reason) = reply { reason } else { nil }
    }

    // MARK: Grants

    @Test(
        arguments: [
            "https://git.example/a", "https://git.example/A.git", "https://x@git.example/a/", " https://git.example/a",
        ]
    )
    func `has the credentials of the repository that the configuration names`(url: String) async throws {
        #expect(try await ask(git(url), of: BrokerFixtures.step("clone")) == Self.found)
        // The address is the controller's, in the Promotion's own Project.
        #expect(fixtures.database.asked == ["git https://git.example/a demo"])
    }

    @Test(
        arguments: [
            "https://git.example/b", "https://git.example/a/b", "https://git.example", "https://git.example/a?b",
            "https://evil.example/a", "http://git.example/a", "ssh://git.example/a", "git@git.example:a", "",
            "https://git.example/a@evil.example/a", "https://git.example:8443/a", "../a",
        ]
    )
    func `has no credentials of other repositories`(url: String) async throws {
        let reply = try await ask(git(url), of: BrokerFixtures.step("clone"))
        let reason = try #require(refusal(reply))
        #expect(reason.hasSuffix(": the step's configuration does not name it"))
        #expect(fixtures.database.asked == [])
        #expect(fixtures.log.all.count == 1)
    }

    @Test(arguments: [CredentialType.helm, .image])
    func `has no credentials of another type`(type: CredentialType) async throws {
        let question = CapabilityQuestion.credentials(type: type, url: "https://git.example/a")
        #expect(refusal(try await ask(question, of: BrokerFixtures.step("clone"))) != nil)
    }

    @Test func `has nothing where nothing is found`() async throws {
        let url = "https://git.example/public"
        #expect(try await ask(git(url), of: BrokerFixtures.step("clone", url: url)) == .nothing)
    }

    @Test func `has what earlier steps were granted`() async throws {
        let earlier = [
            BrokerFixtures.step("clone", url: "https://git.example/one"),
            BrokerFixtures.step("other", url: "https://git.example/two"),
            BrokerFixtures.step("clone", url: "https://git.example/three"),
            BrokerFixtures.step("clone", url: "https://git.example/late"),
        ]
        // What its own configuration names counts for nothing.
        let push = BrokerFixtures.step("push")
        for (url, isGranted) in [("one", true), ("two", false), ("three", true), ("late", false), ("a", false)] {
            let reply = try await ask(git("https://git.example/\(url)"), of: push, index: 3, earlier: earlier)
            #expect((reply == Self.found) == isGranted, "\(url)")
            #expect((refusal(reply) == nil) == isGranted, "\(url)")
        }
        // The identity was granted to the clone, not to the push.
        #expect(refusal(try await ask(.gitUser, of: push, index: 3, earlier: earlier)) != nil)
        let reason = refusal(try await ask(git("https://git.example/two"), of: push, index: 3, earlier: earlier))
        #expect(reason?.hasSuffix("nor a clone step that has succeeded before it names it") == true)
    }

    @Test func `has an identity and Warehouses where the kind may ask`() async throws {
        #expect(
            try await ask(.gitUser, of: BrokerFixtures.step("clone"))
                == .gitUser(name: "Kargo", email: "kargo@example.com", signingKey: "SIGNING KEY")
        )
        guard
            case .warehouse(let warehouse) = try await ask(.warehouse(name: "main"), of: BrokerFixtures.step("images"))
        else {
            Issue.record("no Warehouse")
            return
        }
        #expect(warehouse.metadata.name == "main")
        #expect(refusal(try await ask(.warehouse(name: "other"), of: BrokerFixtures.step("images"))) != nil)
        #expect(refusal(try await ask(.warehouse(name: "main"), of: BrokerFixtures.step("clone"))) != nil)
        #expect(refusal(try await ask(.gitUser, of: BrokerFixtures.step("images"))) != nil)
    }

    @Test(arguments: ["write", "plugin", ""])
    func `has nothing for kinds that don't run in the agent or that nobody knows`(kind: String) async throws {
        #expect(refusal(try await ask(.gitUser, of: BrokerFixtures.step(kind))) != nil)
        #expect(refusal(try await ask(git("https://git.example/a"), of: BrokerFixtures.step(kind))) != nil)
        #expect(fixtures.database.asked == [])
    }

    // MARK: Trouble

    @Test func `says what can't be found out, without a secret`() async throws {
        fixtures.redactor.add(BrokerFixtures.password)
        fixtures.database.breakDown()
        let reply = try await ask(git("https://git.example/a"), of: BrokerFixtures.step("clone"))
        #expect(reply == .failed(reason: "the server is down, says ***"))
    }

    @Test func `says what its host does not give`() async throws {
        let broker = fixtures.broker(capabilities: StepCapabilities())
        let attempt = StepAttempt(step: 0, errorCount: 0)
        for (kind, question) in [("clone", CapabilityQuestion.gitUser), ("images", .warehouse(name: "main"))] {
            let reply = try await broker.reply(to: question, of: BrokerFixtures.step(kind), attempt)
            guard case .failed(let reason) = reply else {
                Issue.record("\(reply)")
                continue
            }
            #expect(reason.contains("can't be had here"))
        }
    }

    // MARK: Log and secrets

    @Test func `logs what was refused and what was told, and no secret`() async throws {
        _ = try await ask(git("https://git.example/a"), of: BrokerFixtures.step("clone"))
        _ = try await ask(.gitUser, of: BrokerFixtures.step("clone"))
        _ = try await ask(git("https://me:swordfish@git.example/b\n\u{1B}[2J"), of: BrokerFixtures.step("clone"))
        _ = try await ask(git("https://me:swordfish@git.example/b?x"), of: BrokerFixtures.step("clone"))
        let context = "promotion.name=test.01k.f00d promotion.namespace=demo step.alias=step-1 step.kind=clone"
        #expect(
            fixtures.log.all == [
                "info: A step in an agent was told what it asked for. asked=credentials of the git repository "
                    + "https://git.example/a \(context)",
                "info: A step in an agent was told what it asked for. asked=the operator's git identity \(context)",
                "warning: A step asked for what it may not have; it was refused. asked=credentials of the git "
                    + "repository https://git.example/b[2j \(context)",
                "warning: A step asked for what it may not have; it was refused. asked=credentials of the git "
                    + "repository https://git.example/b?x \(context)",
            ]
        )
    }

    @Test func `teaches the redactor what it hands out`() async throws {
        _ = try await ask(git("https://git.example/a"), of: BrokerFixtures.step("clone"))
        _ = try await ask(.gitUser, of: BrokerFixtures.step("clone"))
        #expect(fixtures.redactor.redact("a \(BrokerFixtures.password) b SIGNING KEY c") == "a *** b *** c")
    }

    @Test func `quotes only so much of what is asked`() async throws {
        let url = "https://git.example/" + String(repeating: "b", count: 4000)
        let reason = try #require(refusal(try await ask(git(url), of: BrokerFixtures.step("clone"))))
        #expect(reason.utf8.count < 500)
        #expect(fixtures.log.all.allSatisfy { $0.utf8.count < 700 })
    }
}
