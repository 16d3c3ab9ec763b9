/// What the machine's files look like to a ``MountPlan``.
protocol HostFiles {
    /// What a path leads to, links not followed; nil where nothing can be seen.
    func kind(of path: String) -> FileKind?
    /// The names in a directory.
    func entries(of directory: String) -> [String]
}

/// The steps that make the root directory of a container: that of the machine, with the container's mounts in it, and
/// not a file or directory more on the machine.
///
/// The root is a directory in memory into which the machine's top-level entries are bound. A mount point that the
/// machine has is mounted upon. One that it lacks is made in the deepest directory on the way that it has; that one is
/// replaced by a directory in memory with the same entries.
struct MountPlan: Hashable {
    /// A directory or file of the machine, and where the container sees it.
    struct Mount: Hashable {
        var source: String
        var isDirectory: Bool
        var path: String
        var isReadOnly: Bool
    }

    /// A step; the paths are those of the new root, sources excepted.
    enum Step: Hashable {
        /// Makes a directory in memory.
        case makeDirectory(String)
        /// Makes an empty file in memory.
        case makeFile(String)
        /// Makes a symbolic link in memory.
        case makeLink(String, target: String)
        /// Shows what the machine has at the same path, if it still has it.
        case showHost(String)
        /// Covers a directory with an empty one in memory.
        case cover(String, mode: UInt32)
        /// Makes a mount point in a volume, by its path on the machine.
        case makeInVolume(String, isDirectory: Bool)
        /// Shows a source.
        case bind(source: String, String)
        /// Takes the right to write away.
        case makeReadOnly(String)
    }

    /// The steps in order.
    let steps: [Step]

    /// Plans a root directory.
    ///
    /// - Parameters:
    ///   - mounts: What is mounted, in the order of the manifest.
    ///   - workingDirectory: A directory that has to be there.
    ///   - host: The machine's files.
    /// - Throws: ``LaunchFailure`` for a mount that can't be made.
    init(mounts: [Mount], workingDirectory: String, host: some HostFiles) throws(LaunchFailure) {
        var planner = Planner(host: host)
        // What lies above is mounted first, or it would hide what lies below.
        let depths = mounts.enumerated()
            .sorted { first, second in
                let (depth, other) = (first.element.path.depth, second.element.path.depth)
                return depth == other ? first.offset < second.offset : depth < other
            }
        for (_, mount) in depths { try planner.add(mount) }
        try planner.ensureDirectory(workingDirectory)
        steps = planner.steps
    }
}

extension String {
    fileprivate var depth: Int { split(separator: "/").count }
}

private struct Planner<Host: HostFiles> {
    let host: Host
    /// Directories in memory that show what the machine's directories hold.
    var covered: Set<String> = ["/"]
    /// What is made in memory, and whether it is a directory.
    var made: [String: Bool] = [:]
    var mounts: [(path: String, mount: MountPlan.Mount)] = []
    var mountSteps: [MountPlan.Step] = []

    init(host: Host) {
        self.host = host
    }

    mutating func add(_ mount: MountPlan.Mount) throws(LaunchFailure) {
        let path = try place(mount.path, isDirectory: mount.isDirectory)
        guard path != "/" else { throw failure(mount.path, "the root directory can't be a mount point") }
        mountSteps.append(.bind(source: mount.source, path))
        if mount.isReadOnly { mountSteps.append(.makeReadOnly(path)) }
        mounts.append((path, mount))
    }

    mutating func ensureDirectory(_ path: String) throws(LaunchFailure) {
        _ = try place(path, isDirectory: true)
    }

    /// Makes sure that there is something of the right kind at a path and returns the path without links.
    private mutating func place(_ path: String, isDirectory: Bool) throws(LaunchFailure) -> String {
        let (existing, missing) = try resolve(path)
        guard !missing.isEmpty else {
            let isDirectoryThere = if case .directory = kind(of: existing) { true } else { false }
            guard isDirectoryThere == isDirectory else {
                throw failure(
                    path,
                    "it is a \(isDirectory ? "file, and not a directory" : "directory, and not a file")"
                )
            }
            return existing
        }
        let whole = missing.reduce(existing) { $0.appending(component: $1) }
        if let (target, mount) = volume(at: existing) {
            let inVolume = mount.source + whole.dropFirst(target.count)
            mountSteps.append(.makeInVolume(inVolume, isDirectory: isDirectory))
            return whole
        }
        guard !["/proc", "/sys"].contains(where: { existing == $0 || existing.hasPrefix($0 + "/") }) else {
            throw failure(path, "nothing can be made in \(existing)")
        }
        if made[existing] == nil { covered.insert(existing) }
        var current = existing
        for (index, name) in missing.enumerated() {
            current = current.appending(component: name)
            made[current] = index < missing.count - 1 || isDirectory
        }
        return whole
    }

    /// Follows a path as far as it goes.
    private func resolve(_ path: String) throws(LaunchFailure) -> (existing: String, missing: [String]) {
        var rest = Array(path.split(separator: "/").map(String.init).reversed())
        var current = "/"
        var links = 0
        while let name = rest.popLast() {
            if name == "." { continue }
            if name == ".." {
                current = current.parent
                continue
            }
            let next = current.appending(component: name)
            switch kind(of: next) {
            case .directory: current = next
            case .other:
                guard rest.isEmpty else { throw failure(path, "\(next) is not a directory") }
                current = next
            case .link(let target):
                links += 1
                guard links <= 40 else { throw failure(path, "there are too many links on the way") }
                if target.hasPrefix("/") { current = "/" }
                rest += target.split(separator: "/").map(String.init).reversed()
            case nil:
                let missing = [name] + rest.reversed()
                guard !missing.contains("..") else { throw failure(path, "\(next) does not exist") }
                return (current, missing.filter { $0 != "." })
            }
        }
        return (current, [])
    }

    /// What the container will see at a path, links not followed.
    private func kind(of path: String) -> FileKind? {
        if let isDirectory = made[path] { return isDirectory ? .directory(mode: 0o755) : .other }
        guard let (target, mount) = volume(at: path) else { return host.kind(of: path) }
        if path == target { return mount.isDirectory ? .directory(mode: 0o755) : .other }
        return host.kind(of: mount.source + path.dropFirst(target.count))
    }

    /// The mount that a path is in, the deepest and last one.
    private func volume(at path: String) -> (path: String, mount: MountPlan.Mount)? {
        mounts.filter { path == $0.path || path.hasPrefix($0.path + "/") }
            .enumerated().max { ($0.element.path.count, $0.offset) < ($1.element.path.count, $1.offset) }?
            .element
    }

    private func failure(_ path: String, _ reason: String) -> LaunchFailure {
        LaunchFailure(stage: .creation, message: "\(path) can't be in the container: \(reason)")
    }

    /// All steps: the root, what covers directories from the top down, what is made in memory, and the mounts.
    var steps: [MountPlan.Step] {
        var steps: [MountPlan.Step] = []
        for directory in covered.sorted(by: isAbove) {
            if directory != "/" {
                let mode: UInt32 = if case .directory(let mode) = host.kind(of: directory) { mode } else { 0o755 }
                steps.append(.cover(directory, mode: mode))
            }
            for name in host.entries(of: directory) { steps += show(directory.appending(component: name)) }
        }
        for path in made.keys.sorted(by: isAbove) {
            steps.append(made[path] == true ? .makeDirectory(path) : .makeFile(path))
        }
        return steps + mountSteps
    }

    private func show(_ path: String) -> [MountPlan.Step] {
        switch host.kind(of: path) {
        case nil: []
        case .link(let target): [.makeLink(path, target: target)]
        case .directory: [.makeDirectory(path), .showHost(path)]
        case .other: [.makeFile(path), .showHost(path)]
        }
    }

    private func isAbove(_ first: String, _ second: String) -> Bool {
        (first.depth, first) < (second.depth, second)
    }
}

extension String {
    fileprivate func appending(component: String) -> String {
        hasSuffix("/") ? self + component : self + "/" + component
    }

    fileprivate var parent: String {
        guard let slash = lastIndex(of: "/"), slash > startIndex else { return "/" }
        return String(self[..<slash])
    }
}
