public import KargoCore
public import KubernetesClient
public import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A cluster on one machine: the Kubernetes API, on loopback unless told otherwise, and a node that runs Pods as processes.
///
/// It knows no kind but Kubernetes' own; who starts it brings CustomResourceDefinitions, the conditions in them, and
/// a reviewer of writes.
public struct LocalCluster: Sendable {
    /// How a cluster is set up.
    public struct Configuration: Sendable {
        /// Where everything is kept.
        public var dataDirectory: String
        /// The port of the API; zero for any that is free.
        ///
        /// The one used before is tried first.
        public var port: Int
        /// The IP address to serve the API at.
        ///
        /// Whoever can reach it and has a token can run programs as the user that the cluster runs as.
        public var listenAddress: String
        /// Namespaces that are there from the start.
        public var namespaces: [String]
        /// CustomResourceDefinitions that are there from the start.
        public var customResourceDefinitions: [JSONValue]
        /// The conditions in them.
        public var validationRules: ValidationRules
        /// Whether Pods are run; without, somebody else has to write their status.
        public var node: NodeMode
        /// What runs their containers.
        public var runtime: RuntimeKind

        /// How long Events stay.
        public var eventLifetime: Duration
        /// How much the server takes on at once.
        public var limits: RequestLimits

        /// Makes a configuration.
        public init(
            dataDirectory: String,
            port: Int = 0,
            listenAddress: String = "127.0.0.1",
            namespaces: [String] = ["default", "kube-system"],
            customResourceDefinitions: [JSONValue] = [],
            validationRules: ValidationRules = [:],
            node: NodeMode = .processes,
            runtime: RuntimeKind = .processes,
            eventLifetime: Duration = .seconds(3600),
            limits: RequestLimits = RequestLimits()
        ) {
            self.dataDirectory = dataDirectory
            self.port = port
            self.listenAddress = listenAddress
            self.namespaces = namespaces
            self.customResourceDefinitions = customResourceDefinitions
            self.validationRules = validationRules
            self.node = node
            self.runtime = runtime
            self.eventLifetime = eventLifetime
            self.limits = limits
        }
    }

    /// Who runs Pods.
    public enum NodeMode: Sendable {
        /// This cluster.
        case processes
        /// Nobody.
        case none
    }

    /// How the running cluster is reached.
    public struct Access: Sendable {
        /// The address of the API.
        public var address: String
        /// A kubeconfig for people.
        public var kubeconfig: String
        /// A kubeconfig for Kargo's controller, whom admission tells from people by its name.
        public var controllerKubeconfig: String
    }

    /// What the controller is called.
    public static let controllerUsername = "system:serviceaccount:kargo:kargo-controller"

    private let configuration: Configuration
    private let makeReviewer: @Sendable (any KubernetesAPI) -> (any AdmissionReviewer)?
    private let logger: Logger
    /// The time, by which certificates are renewed and objects are stamped.
    var now: @Sendable () -> Date = { Date() }

    /// Makes a cluster; it does nothing until it runs.
    ///
    /// - Parameters:
    ///   - configuration: How it is set up.
    ///   - logger: Where it tells what happens.
    ///   - makeReviewer: Makes what looks at every write, given the API to read other objects from.
    public init(
        _ configuration: Configuration,
        logger: Logger,
        makeReviewer: @escaping @Sendable (any KubernetesAPI) -> (any AdmissionReviewer)? = { _ in nil }
    ) {
        self.configuration = configuration
        self.makeReviewer = makeReviewer
        self.logger = logger
    }

    /// Runs until it is asked to end, and then ends all Pods.
    ///
    /// When the task is cancelled instead, Pods go on running, as they do when the process is killed; a cluster of the
    /// same directory takes them over.
    ///
    /// - Parameters:
    ///   - end: Returns when the cluster is to end.
    ///   - onReady: Called when the API is served and everything is there that is there from the start.
    /// - Throws: ``LocalClusterError`` when the directory or the port can't be used; `CancellationError`.
    public func run(
        until end: @escaping @Sendable () async throws -> Void,
        onReady: @escaping @Sendable (Access) async throws -> Void
    ) async throws {
        try prepareDirectory()
        let store = try ClusterStore(database: ObjectDatabase(path: file("cluster.db")))
        let catalog = ResourceCatalog(rules: configuration.validationRules)
        let door = try ClusterDoor(
            directory: configuration.dataDirectory,
            listenAddress: configuration.listenAddress,
            now: now,
            logger: logger
        )
        let bare = APIHandler(
            store: store,
            catalog: catalog,
            reviewer: nil,
            logs: nil,
            authenticator: try door.authenticator(store: store, now: now),
            now: now,
            logger: logger
        )
        let contents = NamespaceContents(handler: bare) { door.identity.current.authority }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await store.run() }
            try await prepareObjects(bare)
            await contents.fillAll()
            let reviewer = makeReviewer(InProcessAPI(handler: bare, username: "system:admission"))
            let node = configuration.node == .processes ? makeNode(bare, door) : nil
            let handler = APIHandler(
                store: store,
                catalog: catalog,
                reviewer: reviewer,
                logs: node,
                authenticator: bare.authenticator,
                now: now,
                logger: logger
            )
            group.addTask { await Cleanup(handler: handler, contents: contents).run() }
            group.addTask { try await EventExpiry(handler: handler, lifetime: configuration.eventLifetime).run() }
            if let node {
                group.addTask {
                    // Containers are told where the API is.
                    await door.waitUntilOpen()
                    try await node.run()
                }
            }
            group.addTask { try await serve(handler, door, onReady: onReady) }
            group.addTask {
                try await end()
                await node?.stopAll()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Runs as long as the body lasts, and then ends all Pods.
    ///
    /// - Parameter body: Called when the API is served and everything is there that is there from the start.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; as ``run(until:onReady:)``.
    public func run<Result: Sendable>(_ body: (Access) async throws -> Result) async throws -> Result {
        let (ready, signal) = AsyncStream.makeStream(of: Access.self)
        let (end, ending) = AsyncStream.makeStream(of: Never.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { signal.finish() }
                try await run(until: { for await _ in end {} }, onReady: { signal.yield($0) })
            }
            var iterator = ready.makeAsyncIterator()
            guard let access = await iterator.next() else {
                try await group.waitForAll()
                throw CancellationError()
            }
            let outcome: Swift.Result<Result, any Error>
            do {
                outcome = .success(try await body(access))
            } catch {
                outcome = .failure(error)
            }
            // Whoever comes next may want the directory.
            ending.finish()
            try await group.waitForAll()
            return try outcome.get()
        }
    }

    private func makeNode(_ handler: APIHandler, _ door: ClusterDoor) -> Node {
        var nodeConfiguration = NodeConfiguration(dataDirectory: file("node"), runtime: configuration.runtime)
        nodeConfiguration.serviceEnvironment = { door.serviceEnvironment }
        return Node(
            api: InProcessAPI(handler: handler, username: "system:node:local"),
            configuration: nodeConfiguration,
            logger: logger
        )
    }

    private func serve(
        _ handler: APIHandler,
        _ door: ClusterDoor,
        onReady: @escaping @Sendable (Access) async throws -> Void
    ) async throws {
        let lastPort = try door.lastPort()
        let port = configuration.port == 0 ? lastPort ?? 0 : configuration.port
        let server: @Sendable (Int) -> APIServer = { port in
            APIServer(
                handler: handler,
                identity: door.identity,
                address: door.listenAddress,
                port: port,
                limits: configuration.limits,
                logger: logger
            )
        }
        let (failures, failure) = AsyncStream.makeStream(of: (any Error).self)
        let ready: @Sendable (Int) async -> Void = { port in
            do {
                try await onReady(door.open(port: port))
            } catch {
                failure.yield(error)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await server(port).run(onReady: ready)
                } catch let error where configuration.port == 0 && port != 0 && !(error is CancellationError) {
                    // Somebody else has the port of last time.
                    try await server(0).run(onReady: ready)
                }
            }
            // A server that nobody can find is of no use.
            group.addTask { for await error in failures { throw error } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func file(_ name: String) -> String { "\(configuration.dataDirectory)/\(name)" }

    private func prepareDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: configuration.dataDirectory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw LocalClusterError("\(configuration.dataDirectory) can't be made: \(error)")
        }
    }

    /// Puts in what is there from the start.
    private func prepareObjects(_ handler: APIHandler) async throws {
        let api = InProcessAPI(handler: handler, username: "system:local-cluster")
        let namespaces = APIResource.namespaces
        for name in configuration.namespaces
        where handler.store.get(CoreResources.namespaces, ObjectKey(name: name)) == nil {
            _ = try await api.create(namespaces, ["metadata": ["name": .string(name)]])
        }
        let definitions = APIResource(
            group: "apiextensions.k8s.io",
            plural: "customresourcedefinitions",
            kind: "CustomResourceDefinition",
            isNamespaced: false
        )
        for var crd in configuration.customResourceDefinitions {
            let name = crd[path: "metadata", "name"]?.stringValue ?? ""
            if let old = handler.store.get(CoreResources.customResourceDefinitions, ObjectKey(name: name)) {
                crd[path: "metadata", "resourceVersion"] = .string(String(old.version))
                _ = try await api.replace(definitions, name: name, crd)
            } else {
                _ = try await api.create(definitions, crd)
            }
        }
        // Those of earlier runs, which others may have applied.
        for crd in handler.store.list(CoreResources.customResourceDefinitions, namespace: nil).objects {
            try handler.serve(crd)
        }
    }
}
