import KargoCore
import KargoTestSupport
import KubernetesClient
import Logging
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Tag {
    /// Starts real processes.
    @Tag static var integration: Self
}

/// A node with its API server, in a directory of its own.
struct NodeFixture: Sendable {
    /// The program that runs Pods; nil where it was not built.
    static let controller: String? = BuiltProgram.path("kargo-controller")

    /// The API server.
    let api = InMemoryAPI()
    /// Where the node keeps its Pods.
    let directory: ScopedDirectory

    private let configuration: NodeConfiguration

    /// Runs a node, hands it to the body, and ends its Pods.
    static func with(
        podman: String? = nil,
        _ body: @Sendable (NodeFixture, Node) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            let fixture = NodeFixture(directory: directory, runtime: podman.map(RuntimeKind.podman) ?? .processes)
            try await fixture.run { node in try await body(fixture, node) }
        }
    }

    /// Makes a node of a directory, which does not run.
    init(directory: ScopedDirectory, runtime: RuntimeKind = .processes) {
        self.directory = directory
        configuration = NodeConfiguration(
            dataDirectory: directory.file("node"),
            shimExecutable: Self.controller ?? "",
            leaseDirectory: directory.file("leases"),
            runtime: runtime
        )
    }

    /// Runs a node of the directory as long as the body lasts.
    func run(
        endsPods: Bool = true,
        _ body: @Sendable (Node) async throws -> Void
    ) async throws {
        let node = Node(
            api: api,
            configuration: configuration,
            logger: Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.run() }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(node))
            } catch {
                result = .failure(error)
            }
            if endsPods { await node.stopAll(grace: .zero) }
            group.cancelAll()
            do {
                try await group.waitForAll()
            } catch is CancellationError {
                // As it should end.
            }
            try result.get()
        }
    }

    /// Waits until a container that runs has written a line that begins so, and returns the rest of the line.
    func line(_ prefix: String, from container: String, of pod: Pod, _ node: Node) async throws -> String {
        var options = LogOptions()
        options.follow = true
        var text = ""
        struct Found: Error {}
        do {
            try await node.logs(of: pod, container: container, options: options) { bytes in
                text += String(decoding: bytes, as: UTF8.self)
                if text.split(separator: "\n").contains(where: { $0.hasPrefix(prefix) }) { throw Found() }
            }
        } catch is Found {
            // That is what was waited for.
        }
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(prefix) }, "\(text)")
        return String(line.dropFirst(prefix.count))
    }

    /// What a container has written, each line with its end.
    func text(
        of container: String,
        of pod: Pod,
        _ node: Node,
        _ change: (inout LogOptions) -> Void = { _ in }
    ) async throws -> String {
        var options = LogOptions()
        change(&options)
        var text = ""
        try await node.logs(of: pod, container: container, options: options) { bytes in
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }

    /// The reasons of the Events about a Pod.
    func reasons() -> Set<String> {
        Set(api.all("events").compactMap { $0[path: "reason"]?.stringValue })
    }

    /// Waits until the directory of a Pod is gone.
    func waitUntilRemoved(uid: String) async throws {
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = try DirectoryWatch(directory.file("node/pods")) { change.yield() }
        defer { withExtendedLifetime(watch) {} }
        change.yield()
        for await _ in changes where !directory.contains("node/pods/\(uid)") { return }
        throw CancellationError()
    }

    /// Where the program is that runs Pods.
    var programs: String { configuration.executableDirectory }

    /// Where a Pod is kept.
    func directory(of uid: String) -> String { directory.file("node/pods/\(uid)") }
}

extension JSONValue {
    /// A Pod.
    static func pod(
        _ name: String,
        restartPolicy: String = "Never",
        grace: Int64 = 5,
        initContainers: [JSONValue] = [],
        containers: [JSONValue],
        volumes: [JSONValue] = []
    ) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
            "spec": [
                "restartPolicy": .string(restartPolicy), "terminationGracePeriodSeconds": .int(grace),
                "initContainers": .array(initContainers), "containers": .array(containers),
                "volumes": .array(volumes),
            ],
        ]
    }

    /// A container that runs a shell script.
    static func shell(_ name: String, _ script: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            ["name": .string(name), "image": "none", "command": ["sh", "-c", .string(script)]]
                .merging(more) { $1 }
        )
    }
}

extension Pod {
    /// The status of a container.
    func status(of name: String) -> ContainerStatus? {
        (status.initContainerStatuses + status.containerStatuses).first { $0.name == name }
    }

    /// How a container ended.
    func termination(of name: String) -> ContainerStateTerminated? { status(of: name)?.state.terminated }

    /// Whether a condition is met.
    func isMet(_ condition: String) -> Bool {
        status.conditions.first { $0.type == condition }?.status == "True"
    }

    /// Whether nothing of it runs any more.
    var isOver: Bool { ["Succeeded", "Failed"].contains(status.phase) }
}
