import KargoCore
import Logging
import StepPluginRegistry
import Testing

@Suite("Plugins of a cluster", .timeLimit(.minutes(1)))
struct ConfigMapPluginSourceTests {
    private static let system = "kargo-system-resources"

    /// Keeps what is logged, and tells of each line.
    private struct Notebook: LogHandler {
        let line: AsyncStream<String>.Continuation
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            line.yield("\(event.metadata?["configMap"].map { "\($0) " } ?? "")\(event.message)")
        }
    }

    private let feed = ConfigMapFeed()
    private let lines: AsyncStream<String>
    private let source: ConfigMapPluginSource

    init() {
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        source = ConfigMapPluginSource(
            api: feed,
            systemNamespace: Self.system,
            isBuiltin: { $0.hasPrefix("builtin") },
            logger: Logger(label: "test") { _ in Notebook(line: line) }
        )
    }

    private func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { [source] group in
            group.addTask {
                do {
                    try await source.run()
                } catch is CancellationError {
                    return
                }
            }
            try await body()
            group.cancelAll()
        }
    }

    /// Waits until a kind is a plugin's, or is not; a change takes effect some time after the cluster has told of it.
    private func wait(for kind: String, isPlugin: Bool) async throws {
        while true {
            let resolution = try await source.resolve([kind], project: "demo")[kind]
            if case .plugin = resolution, isPlugin { return }
            if case .unknown = resolution, !isPlugin { return }
            await Task.yield()
        }
    }

    @Test func `asks for labelled ConfigMaps of all namespaces`() async throws {
        feed.list()
        try await running {
            let resolution = try await source.resolve(["probe"], project: "demo")
            #expect(resolution == ["probe": .unknown(hint: nil)])
        }
        #expect(feed.selector == "kargo-extended.code.org/configmap-type=StepPlugin")
    }

    @Test func `waits until it knows`() async throws {
        try await running {
            async let resolution = source.resolve(["probe"], project: "demo")
            async let plugin = source.plugin("probe", namespace: "demo")
            await feed.waitUntilAsked()
            feed.list(PluginMaps.map("probe", in: "demo", kinds: ["probe"]))
            guard case .plugin(let found) = try await resolution["probe"] else {
                Issue.record("the kind is no plugin's")
                return
            }
            #expect(found.name == "probe")
            #expect(try await plugin == found)
        }
    }

    @Test func `keeps Promotions of builtin kinds from waiting`() async throws {
        let kinds: Set = ["builtin-1", "builtin-2"]
        #expect(
            try await source.resolve(kinds, project: "demo") == ["builtin-1": .builtin, "builtin-2": .builtin]
        )
        #expect(try await source.resolve([], project: "demo") == [:])
    }

    @Test func `stops waiting when it is cancelled`() async {
        let task = Task { [source] in try await source.resolve(["probe"], project: "demo") }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let other = Task { [source] in try await source.plugin("probe", namespace: "demo") }
        other.cancel()
        await #expect(throws: CancellationError.self) { try await other.value }
    }

    @Test func `follows the cluster`() async throws {
        feed.list()
        try await running {
            try await wait(for: "probe", isPlugin: false)
            try feed.tell("ADDED", PluginMaps.map("probe", in: "demo", kinds: ["probe"], version: 2))
            try await wait(for: "probe", isPlugin: true)
            try feed.tell("MODIFIED", PluginMaps.map("probe", in: "demo", kinds: ["other"], version: 3))
            try await wait(for: "other", isPlugin: true)
            try await wait(for: "probe", isPlugin: false)
            try feed.tell("DELETED", PluginMaps.map("probe", in: "demo", kinds: ["other"], version: 4))
            try await wait(for: "other", isPlugin: false)
        }
    }

    @Test func `tells the operator of a ConfigMap that is no plugin`() async throws {
        feed.list(PluginMaps.raw("bad-step-plugin", in: "demo", steps: "- kind: bad"))
        try await running {
            var iterator = lines.makeAsyncIterator()
            #expect(
                await iterator.next()
                    == "demo/bad-step-plugin is no usable plugin: data[sidecar.container]: is required"
            )
        }
    }

    @Test func `has no plugins where they are switched off`() async throws {
        let source = NoPlugins { $0 == "builtin" }
        #expect(
            try await source.resolve(["builtin", "probe"], project: "demo") == [
                "builtin": .builtin,
                "probe": .unknown(hint: "plugins are switched off (STEP_PLUGINS_ENABLED)"),
            ]
        )
        #expect(try await source.plugin("probe", namespace: "demo") == nil)
    }
}
