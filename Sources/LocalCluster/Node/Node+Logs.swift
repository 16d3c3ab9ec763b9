public import KargoCore
import KubernetesClient
import Synchronization

extension Node: PodLogs {
    /// Finds out whether there is something to read; see ``PodLogs``.
    public func check(_ pod: Pod, container: String, options: LogOptions) async throws {
        _ = try source(of: pod, container, options)
    }

    /// Reads what a container has written; see ``PodLogs``.
    public func logs(
        of pod: Pod,
        container: String,
        options: LogOptions,
        write: ([UInt8]) async throws -> Void
    ) async throws {
        let source = try source(of: pod, container, options)
        var selection = LogSelection(options, now: configuration.now())
        if let tail = options.tailLines {
            selection.skip(try LogReader.count(directory: source.directory, attempt: source.attempt) - tail)
        }
        guard options.follow, !options.previous else {
            _ = try await copy(source, &selection, write)
            return
        }
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let observation = source.sandbox.observe { change.yield() }
        defer { source.sandbox.forget(observation) }
        let watch = try DirectoryWatch(source.directory) { change.yield() }
        defer { withExtendedLifetime(watch) {} }
        try await follow(source, changes, &selection, write)
    }

    private struct Source {
        var sandbox: PodSandbox
        var container: String
        var attempt: Int32

        var directory: String { "\(sandbox.directory)/\(PodFile.logs(of: container))" }
    }

    private func source(of pod: Pod, _ container: String, _ options: LogOptions) throws -> Source {
        let name = pod.metadata.name
        guard (pod.spec.initContainers + pod.spec.containers).contains(where: { $0.name == container }) else {
            throw KubernetesError(.badRequest, "container \(container) is not valid for pod \(name)")
        }
        let sandbox = state.withLock { $0.sandboxes[pod.metadata.uid] }
        let record = sandbox?.snapshot.shimState?.containers.first { $0.name == container }
        guard let sandbox, let record else {
            throw KubernetesError(
                .badRequest,
                "container \"\(container)\" in pod \"\(name)\" is waiting to start: "
                    + (pod.waitingReason(of: container) ?? ContainerReason.containerCreating)
            )
        }
        let attempt: Int32
        if options.previous {
            guard let last = record.lastTermination else {
                throw KubernetesError(
                    .badRequest,
                    "previous terminated container \"\(container)\" in pod \"\(name)\" not found"
                )
            }
            attempt = last.attempt
        } else if case .waiting(let reason, _) = record.state {
            guard let last = record.lastTermination else {
                throw KubernetesError(
                    .badRequest,
                    "container \"\(container)\" in pod \"\(name)\" is waiting to start: \(reason)"
                )
            }
            attempt = last.attempt
        } else {
            attempt = record.restartCount
        }
        return Source(sandbox: sandbox, container: container, attempt: attempt)
    }

    /// Copies what there is, up to where no more was asked for; false in that case.
    private func copy(
        _ source: Source,
        _ selection: inout LogSelection,
        _ write: ([UInt8]) async throws -> Void
    ) async throws -> Bool {
        let reader = try LogReader(directory: source.directory, attempt: source.attempt)
        return try await copy(reader, &selection, write)
    }

    private func copy(
        _ reader: LogReader,
        _ selection: inout LogSelection,
        _ write: ([UInt8]) async throws -> Void
    ) async throws -> Bool {
        while let lines = try reader.next() {
            var text: [UInt8] = []
            for line in lines { text += selection.take(line) }
            if !text.isEmpty { try await write(text) }
            if selection.isFull { return false }
        }
        return true
    }

    private func follow(
        _ source: Source,
        _ changes: AsyncStream<Void>,
        _ selection: inout LogSelection,
        _ write: ([UInt8]) async throws -> Void
    ) async throws {
        var source = source
        var reader = try LogReader(directory: source.directory, attempt: source.attempt)
        var changes = changes.makeAsyncIterator()
        while true {
            // Asked before reading, so that what was written until then is not missed.
            let progress = progress(of: source)
            guard try await copy(reader, &selection, write) else { return }
            switch progress {
            case .isOver: return
            case .goesOn: await changes.next()
            case .startedAgain:
                source.attempt += 1
                reader = try LogReader(directory: source.directory, attempt: source.attempt)
            }
            try Task.checkCancellation()
        }
    }

    private enum Progress {
        case goesOn
        case startedAgain
        case isOver
    }

    private func progress(of source: Source) -> Progress {
        let snapshot = source.sandbox.snapshot
        guard state.withLock({ $0.sandboxes[source.sandbox.key.uid] }) === source.sandbox else { return .isOver }
        let record = snapshot.shimState?.containers.first { $0.name == source.container }
        if let record, record.restartCount > source.attempt {
            if case .waiting = record.state, record.restartCount == source.attempt + 1 { return .goesOn }
            return .startedAgain
        }
        if case .ended = snapshot.phase {
            let isLast = pod(source.sandbox.key).map { !snapshot.startsAgain($0) } ?? true
            return isLast ? .isOver : .goesOn
        }
        return record?.isDone == true ? .isOver : .goesOn
    }
}

extension PodSandbox.Snapshot {
    /// What is known of the containers.
    fileprivate var shimState: ShimState? {
        switch phase {
        case .idle: nil
        case .running(_, let state): state
        case .ended(let outcome): outcome.state
        }
    }
}

extension Pod {
    fileprivate func waitingReason(of container: String) -> String? {
        (status.initContainerStatuses + status.containerStatuses).first { $0.name == container }?.state.waiting?.reason
    }
}
