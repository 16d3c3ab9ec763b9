import KargoCore
import KargoTestSupport
import NIOHTTP1
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("http-download", .timeLimit(.minutes(1)))
struct HTTPDownloadStepTests {
    private static let limit = 1000

    private func run(_ bench: HTTPBench, _ config: [String: JSONValue] = [:]) async throws -> StepResult {
        let resolver = HostResolver { [hosts = bench.hosts] host in hosts[host] ?? [host] }
        let sender = HTTPSender(resolver: resolver, proxies: ProxyRules(environment: bench.environment))
        let standard: [String: JSONValue] = ["url": .string(bench.server.url("/file")), "outPath": "a/b.bin"]
        let whole = config.merging(standard) { given, _ in given }
        return try await HTTPDownloadStep(sender: sender, largestFile: Self.limit)
            .run(bench.bench.context("http-download", .object(whole)))
    }

    @Test(
        arguments: [
            ([:], ["(root): url is required", "(root): outPath is required"]),
            (["url": "", "outPath": ""], ["url: String length must be", "outPath: String length must be"]),
            (["url": "http://x", "outPath": "a", "timeout": "x10s"], ["timeout: Does not match pattern"]),
            (["url": "http://x", "outPath": "a", "headers": [["name": "a"]]], ["headers.0: value is required"]),
            (["url": "http://x", "outPath": "a", "no": 1], ["Additional property no is not allowed"]),
        ] as [(JSONValue, [String])]
    )
    func `takes what its schema allows`(config: JSONValue, problems: [String]) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("http-download", config)
            #expect(result.status == .failed)
            #expect(result.message.hasPrefix("invalid http-download config: "))
            for problem in problems { #expect(result.message.contains(problem)) }
        }
    }

    @Test func `writes what comes, byte by byte`() async throws {
        let body = (0..<1000).map { UInt8($0 % 251) }
        try await HTTPBench.with(answer: .always(StubServer.Response(body: body))) { bench async throws in
            let result = try await run(
                bench,
                [
                    "headers": [["name": "X-A", "value": "1"], ["name": "X-A", "value": "2"]],
                    "queryParams": [["name": "q", "value": "a b"]],
                ]
            )
            #expect(result == .succeeded())
            let written = try [UInt8](Data(contentsOf: URL(filePath: bench.bench.path("a/b.bin"))))
            #expect(written == body)
            #expect(try bench.bench.mode("a/b.bin") == bench.bench.modeUnderUmask(0o666))
            #expect(try bench.bench.tree() == ["a", "a/b.bin"])
            #expect(bench.server.requests.map(\.uri) == ["/file?q=a+b"])
            #expect(bench.server.requests[0].headers["x-a"] == ["1", "2"])
        }
    }

    @Test func `follows redirects`() async throws {
        let answer = StubServer.Answer.by { $0.path == "/file" ? .redirect(to: "/there") : .text("moved") }
        try await HTTPBench.with(answer: answer) { bench async throws in
            #expect(try await run(bench) == .succeeded())
            #expect(try bench.bench.read("a/b.bin") == "moved")
        }
    }

    @Test(arguments: [199 + 5, 301, 404, 500])
    func `needs a status of success`(status: Int) async throws {
        try await HTTPBench.with(answer: .always(.text("x", status: status))) { bench async throws in
            let result = try await run(bench)
            if status == 204 {
                #expect(result == .succeeded())
            } else {
                #expect(result.status == .failed)
                #expect(result.failure == .retryable("HTTP request failed with status code \(status)"))
                #expect(try bench.bench.tree() == [])
            }
        }
    }

    @Test func `leaves a file that is there, unless told otherwise`() async throws {
        try await HTTPBench.with(answer: .always(.text("new"))) { bench async throws in
            try bench.bench.write("old", to: "a/b.bin")
            let refused = try await run(bench)
            #expect(
                refused == .erroredForGood("file \"a/b.bin\" already exists and overwrite is not allowed")
            )
            #expect(try bench.bench.read("a/b.bin") == "old")
            #expect(bench.server.requests.isEmpty)
            #expect(try await run(bench, ["allowOverwrite": true]) == .succeeded())
            #expect(try bench.bench.read("a/b.bin") == "new")
        }
    }

    @Test(arguments: ["a", ".", "link"])
    func `never replaces a directory`(path: String) async throws {
        try await HTTPBench.with(answer: .always(.text("new"))) { bench async throws in
            try bench.bench.write("old", to: "a/b.bin")
            try bench.bench.link("link", to: "a")
            let result = try await run(bench, ["allowOverwrite": true, "outPath": .string(path)])
            #expect(result.status == .errored)
            #expect(result.message.contains("is a directory"))
            #expect(try bench.bench.read("a/b.bin") == "old")
        }
    }

    @Test(arguments: ["../../x", "/x", "up/x"])
    func `stays in the work directory`(path: String) async throws {
        try await HTTPBench.with(answer: .always(.text("new"))) { bench async throws in
            try bench.bench.link("up", to: "../..")
            #expect(try await run(bench, ["outPath": .string(path)]) == .succeeded())
            #expect(try bench.bench.read("x") == "new")
            #expect(!bench.bench.outside.contains("x"))
        }
    }

    @Test func `fails for good if the server announces too much`() async throws {
        let body = [UInt8](repeating: 0, count: Self.limit + 1)
        try await HTTPBench.with(answer: .always(StubServer.Response(body: body))) { bench async throws in
            #expect(
                try await run(bench) == .failed("the file has 1001 bytes, which exceeds the limit of 1000 bytes")
            )
            #expect(try bench.bench.tree() == [])
        }
    }

    @Test func `stops when too much comes, and leaves nothing`() async throws {
        let endless = StubServer.Response(body: [UInt8](repeating: 0, count: 64), isEndless: true)
        try await HTTPBench.with(answer: .always(endless)) { bench async throws in
            try bench.bench.write("old", to: "a/b.bin")
            #expect(
                try await run(bench, ["allowOverwrite": true])
                    == .errored("error downloading file: it exceeds the limit of 1000 bytes")
            )
            #expect(try bench.bench.tree() == ["a", "a/b.bin"])
            #expect(try bench.bench.read("a/b.bin") == "old")
        }
    }

    @Test func `leaves nothing of what broke off`() async throws {
        let truncated = StubServer.Response(body: [1, 2, 3], announcedLength: 10)
        try await HTTPBench.with(answer: .always(truncated)) { bench async throws in
            let result = try await run(bench)
            #expect(result.status == .errored)
            guard case .retryable = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(try bench.bench.tree() == ["a"])
        }
    }

    @Test func `gives up when the time is over`() async throws {
        try await HTTPBench.with(answer: .always(StubServer.Response(neverComes: true))) { bench async throws in
            let result = try await run(bench, ["timeout": "50ms"])
            #expect(result == .errored("error downloading file: there was no answer within 50ms"))
        }
    }

    @Test func `stops when nobody wants the file any more`() async throws {
        let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
        let answer = StubServer.Answer.by { _ in
            continuation.yield()
            return StubServer.Response(body: [1, 2, 3], announcedLength: nil, isEndless: true)
        }
        try await HTTPBench.with(answer: answer) { bench async throws in
            let resolver = HostResolver { [$0] }
            let sender = HTTPSender(resolver: resolver, proxies: ProxyRules(environment: [:]))
            let context = bench.bench.context(
                "http-download",
                ["url": .string(bench.server.url("/")), "outPath": "x"]
            )
            let task = Task { try await HTTPDownloadStep(sender: sender, largestFile: .max).run(context) }
            for await _ in asked { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try bench.bench.tree() == [])
        }
    }

    @Test(arguments: ["http://169.254.169.254/", "http://meta.test/"])
    func `never calls link-local addresses`(url: String) async throws {
        try await HTTPBench.with(hosts: ["meta.test": ["169.254.169.254"]], answer: .always(.text(""))) {
            bench async throws in
            let result = try await run(bench, ["url": .string(url)])
            #expect(result.status == .errored)
            #expect(result.message.contains("link-local"))
        }
    }

    @Test func `goes through the proxy of the environment`() async throws {
        try await HTTPBench.with(
            hosts: ["proxy.test": ["127.0.0.1"]],
            environment: ["HTTP_PROXY": "http://proxy.test:1"],
            answer: .always(.text(""))
        ) { bench async throws in
            let result = try await run(bench, ["url": "http://far.test/"])
            #expect(result.status == .errored)
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test(arguments: ["ftp://x/y", "nowhere", "http://"])
    func `fails for good without a usable URL`(url: String) async throws {
        try await HTTPBench.with(answer: .always(.text(""))) { bench async throws in
            let result = try await run(bench, ["url": .string(url)])
            #expect(result.status == .errored)
            #expect(result.message.hasPrefix("error building HTTP request: "))
            guard case .terminal = result.failure else {
                Issue.record("\(result)")
                return
            }
        }
    }
}
