import KargoCore
public import KubernetesClient
public import Logging
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs the Pods of a cluster as processes of this machine.
///
/// ## Guarantees
/// Pods go on running when the node ends; the next node of the same directory takes them over. What has become of a Pod
/// stands in its status, and a Pod that was deleted is gone only when no process of it is left.
///
/// ## Caveats
/// With ``RuntimeKind/processes`` images, users, groups and resource limits of the manifest have no effect.
public final class Node: Sendable {
    /// What makes the node act, as long as it runs.
    struct Drive: Sendable {
        let loop: ReconcileLoop<PodKey>
        let pods: ObjectStore<Pod>
    }

    struct State {
        var drive: Drive?
        /// By UID.
        var sandboxes: [String: PodSandbox] = [:]
        /// Pods that wait for what another Pod has.
        var waiting: [PodKey] = []
        /// Pods, by UID, that were told what the node does not enforce.
        var told: Set<String> = []
        /// Whether Pods are being ended and none is started any more.
        var isStopping = false
    }

    let api: any KubernetesAPI
    let configuration: NodeConfiguration
    let logger: Logger
    let directories: PodDirectories
    let leases: PortLeases
    let facts: NodeFacts
    let events: EventRecorder
    let tokens: PodTokens
    let state = Mutex(State())

    /// Makes a node; it does nothing until it runs.
    ///
    /// - Parameters:
    ///   - api: The API server whose Pods it runs.
    ///   - configuration: How it is set up.
    ///   - logger: Where it tells what happens.
    public init(api: any KubernetesAPI, configuration: NodeConfiguration, logger: Logger) {
        self.api = api
        self.configuration = configuration
        self.logger = logger
        directories = PodDirectories(root: configuration.dataDirectory)
        events = EventRecorder(api: api, node: configuration.name, logger: logger)
        tokens = PodTokens(api: api, now: configuration.now)
        leases = PortLeases(directory: configuration.leaseDirectory)
        let machine = ProcessInfo.processInfo
        facts = NodeFacts(
            name: configuration.name,
            processors: machine.processorCount,
            memory: Int64(clamping: machine.physicalMemory)
        )
    }

    /// Runs Pods until the task is cancelled; the Pods go on.
    ///
    /// - Throws: `CancellationError`; ``LocalClusterError`` when another node uses the directory, or it can't be used.
    public func run() async throws {
        let lock = try takeDirectory()
        defer { withExtendedLifetime(lock) {} }
        let clock = configuration.clock
        let loop = ReconcileLoop<PodKey>(
            maximumConcurrency: 32,
            clock: clock,
            backoff: Backoff(first: .milliseconds(200), longest: .seconds(30), clock: clock),
            logger: logger
        ) { key in
            try await self.reconcile(key)
        }
        let informer = Informer<Pod>(api: api, resource: .pods, logger: logger) { change in
            // An object may have been replaced by another of its name.
            if case .updated(let old, _) = change { loop.enqueue(PodKey(old)) }
            loop.enqueue(PodKey(change.object))
        }
        state.withLock { $0.drive = Drive(loop: loop, pods: informer.store) }
        defer { state.withLock { $0.drive = nil } }
        try adoptPods()
        defer { for sandbox in sandboxes { sandbox.disconnect() } }
        let configMaps = Informer<PartialObject>(api: api, resource: .configMaps, logger: logger) { change in
            self.enqueuePods(referringTo: .configMaps, change.object.metadata)
        }
        let secrets = Informer<PartialObject>(api: api, resource: .secrets, logger: logger) { change in
            self.enqueuePods(referringTo: .secrets, change.object.metadata)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await informer.run() }
            group.addTask { try await configMaps.run() }
            group.addTask { try await secrets.run() }
            group.addTask {
                // Until then nobody knows which objects are gone.
                await informer.store.waitUntilSynced()
                await loop.run()
                try Task.checkCancellation()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Ends all Pods and waits until they have ended; the API's objects stay.
    ///
    /// None is started any more by this node. The next node of the directory goes on with them, as after a restart of
    /// the machine.
    ///
    /// - Parameter grace: How long containers may take to end; nil for what each Pod allows.
    public func stopAll(grace: Duration? = nil) async {
        let sandboxes = state.withLock { state in
            state.isStopping = true
            return Array(state.sandboxes.values)
        }
        for sandbox in sandboxes {
            do {
                try suspend(sandbox, grace: grace)
            } catch {
                logger.warning(
                    "Pod can't be ended",
                    metadata: ["pod": "\(sandbox.key)", "error": "\(error)"]
                )
            }
        }
        for sandbox in sandboxes { await sandbox.waitUntilEnded() }
        for sandbox in sandboxes {
            do {
                try await report(sandbox)
            } catch {
                logger.info(
                    "status of an ended Pod can't be written",
                    metadata: ["pod": "\(sandbox.key)", "error": "\(error)"]
                )
            }
        }
    }

    private func suspend(_ sandbox: PodSandbox, grace: Duration?) throws {
        guard case .running = sandbox.snapshot.phase else { return }
        sandbox.update { $0.record.isSuspended = true }
        try sandbox.saveRecord()
        let seconds = grace?.components.seconds ?? pod(sandbox.key)?.spec.terminationGracePeriodSeconds ?? 30
        try sandbox.tell(.stop(graceSeconds: seconds))
    }

    // MARK: What there is

    /// The Pods that have a directory.
    var sandboxes: [PodSandbox] { state.withLock { Array($0.sandboxes.values) } }

    /// The object of a Pod; nil where it is gone, or another one of its name is there.
    func pod(_ key: PodKey) -> Pod? {
        let pods = state.withLock(\.drive?.pods)
        let pod = pods?.get(ObjectKey(namespace: key.namespace, name: key.name))
        return pod?.metadata.uid == key.uid ? pod : nil
    }

    /// Looks at a Pod again.
    func enqueue(_ key: PodKey) { state.withLock(\.drive)?.loop.enqueue(key) }

    /// Makes a Pod that has no shim known.
    func addSandbox(_ record: PodRecord) -> PodSandbox {
        let sandbox = PodSandbox(record: record, directory: directories.path(uid: record.uid)) { [weak self] key in
            self?.noteChange(of: key)
        }
        state.withLock { $0.sandboxes[record.uid] = sandbox }
        return sandbox
    }

    private func noteChange(of key: PodKey) {
        let sandbox = state.withLock { $0.sandboxes[key.uid] }
        if case .ended = sandbox?.snapshot.phase { releasePorts(of: key) }
        enqueue(key)
    }

    /// Gives back the ports of a Pod, and looks at those that may have waited for them.
    func releasePorts(of key: PodKey) {
        leases.release(uid: key.uid)
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        // Not the Pod itself, which tried in vain and has to pause.
        for waiter in waiting where waiter != key { enqueue(waiter) }
    }

    // MARK: The directory

    private func takeDirectory() throws -> Descriptor {
        do {
            try FileSystem.makeDirectory(configuration.dataDirectory, mode: 0o700)
            let lock = try Descriptor(open: "\(configuration.dataDirectory)/node.lock", O_RDWR | O_CREAT)
            guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
                throw LocalClusterError(
                    "\(configuration.dataDirectory) is used by another local cluster; stop that one first"
                )
            }
            return lock
        } catch let error as SystemError {
            throw LocalClusterError("\(configuration.dataDirectory) can't be used: \(error)")
        }
    }

    /// Takes over the Pods of an earlier node.
    private func adoptPods() throws {
        let (records, damaged) = directories.records()
        for uid in damaged {
            logger.warning("a Pod's directory has no record and is removed", metadata: ["pod.uid": "\(uid)"])
            ShimProcess.killRest(ofPod: uid)
            try FileSystem.remove(directories.path(uid: uid))
        }
        for record in records {
            let sandbox = addSandbox(record)
            leases.note(record.demand, of: "\(record.key)", uid: record.uid)
            do {
                try sandbox.adopt()
            } catch {
                throw LocalClusterError("Pod \(record.key) can't be taken over: \(error)")
            }
            enqueue(record.key)
        }
    }
}

extension PodKey {
    init(_ pod: Pod) {
        self.init(namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid)
    }
}
