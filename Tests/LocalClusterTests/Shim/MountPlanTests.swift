import Testing

@testable import LocalCluster

struct MountPlanTests {
    private let host = TableOfFiles([
        "/bin": .link(target: "usr/bin"), "/usr": .directory(mode: 0o755), "/usr/bin": .directory(mode: 0o755),
        "/tmp": .directory(mode: 0o1777), "/dev": .directory(mode: 0o755), "/dev/null": .other,
        "/dev/fd": .link(target: "/proc/self/fd"), "/dev/pts": .directory(mode: 0o755),
        "/run": .directory(mode: 0o755), "/run/lock": .directory(mode: 0o755), "/var": .directory(mode: 0o755),
        "/var/run": .link(target: "/run"), "/proc": .directory(mode: 0o555), "/etc": .directory(mode: 0o755),
        "/etc/hosts": .other, "/loop": .link(target: "loop"), "/v": .directory(mode: 0o777),
        "/v/inside": .directory(mode: 0o755), "/data": .directory(mode: 0o700),
    ])

    private func steps(
        _ mounts: [MountPlan.Mount],
        workingDirectory: String = "/"
    ) throws -> [MountPlan.Step] {
        try MountPlan(mounts: mounts, workingDirectory: workingDirectory, host: host).steps
    }

    private func mount(
        _ path: String,
        source: String = "/v",
        isDirectory: Bool = true,
        isReadOnly: Bool = false
    ) -> MountPlan.Mount {
        MountPlan.Mount(source: source, isDirectory: isDirectory, path: path, isReadOnly: isReadOnly)
    }

    /// The steps behind those that show the machine's top level.
    private func extra(_ mounts: [MountPlan.Mount], workingDirectory: String = "/") throws -> [MountPlan.Step] {
        let all = try steps(mounts, workingDirectory: workingDirectory)
        let root = try steps([])
        #expect(Array(all.prefix(root.count)) == root)
        return Array(all.dropFirst(root.count))
    }

    @Test func `shows the machine's top level and keeps its links`() throws {
        let steps = try steps([])
        #expect(steps.prefix(3) == [.makeLink("/bin", target: "usr/bin"), .makeDirectory("/data"), .showHost("/data")])
        #expect(!steps.contains { if case .cover = $0 { true } else { false } })
    }

    @Test func `mounts upon a directory that the machine has`() throws {
        #expect(try extra([mount("/tmp")]) == [.bind(source: "/v", "/tmp")])
    }

    @Test func `makes a mount point at the top level in memory`() throws {
        #expect(try extra([mount("/workspace")]) == [.makeDirectory("/workspace"), .bind(source: "/v", "/workspace")])
    }

    @Test func `covers the deepest directory on the way to a mount point that the machine lacks`() throws {
        #expect(
            try extra([mount("/dev/termination-log", source: "/data/message", isDirectory: false)]) == [
                .cover("/dev", mode: 0o755), .makeLink("/dev/fd", target: "/proc/self/fd"), .makeFile("/dev/null"),
                .showHost("/dev/null"), .makeDirectory("/dev/pts"), .showHost("/dev/pts"),
                .makeFile("/dev/termination-log"), .bind(source: "/data/message", "/dev/termination-log"),
            ]
        )
    }

    @Test func `follows links on the way and makes read-only what is to be`() throws {
        #expect(
            try extra([mount("/var/run/kargo/a", isReadOnly: true)]) == [
                .cover("/run", mode: 0o755), .makeDirectory("/run/lock"), .showHost("/run/lock"),
                .makeDirectory("/run/kargo"), .makeDirectory("/run/kargo/a"), .bind(source: "/v", "/run/kargo/a"),
                .makeReadOnly("/run/kargo/a"),
            ]
        )
    }

    @Test func `covers a directory once and before what is mounted in it`() throws {
        let steps = try extra([mount("/run/kargo/a"), mount("/run/lock", source: "/data"), mount("/run/kargo/b")])
        #expect(
            steps == [
                .cover("/run", mode: 0o755), .makeDirectory("/run/lock"), .showHost("/run/lock"),
                .makeDirectory("/run/kargo"), .makeDirectory("/run/kargo/a"), .makeDirectory("/run/kargo/b"),
                .bind(source: "/data", "/run/lock"), .bind(source: "/v", "/run/kargo/a"),
                .bind(source: "/v", "/run/kargo/b"),
            ]
        )
    }

    @Test func `mounts what lies above first, and makes what lies below it in the volume`() throws {
        #expect(
            try extra([mount("/w/inside", source: "/data"), mount("/w/new/dir", source: "/data"), mount("/w")]) == [
                .makeDirectory("/w"), .bind(source: "/v", "/w"), .bind(source: "/data", "/w/inside"),
                .makeInVolume("/v/new/dir", isDirectory: true), .bind(source: "/data", "/w/new/dir"),
            ]
        )
    }

    @Test func `makes a working directory that is not there`() throws {
        #expect(try extra([], workingDirectory: "/app") == [.makeDirectory("/app")])
        #expect(try extra([], workingDirectory: "/usr/bin") == [])
    }

    @Test(arguments: [
        ("/", true), ("/etc/hosts/x", true), ("/etc/hosts", true), ("/etc", false), ("/loop/x", true),
        ("/proc/x", true), ("/nothing/../x", true),
    ])
    func `refuses a mount point that can't be`(path: String, isDirectory: Bool) {
        #expect(throws: LaunchFailure.self) { try steps([mount(path, isDirectory: isDirectory)]) }
    }

    @Test func `takes dots and double slashes in a path for what they are`() throws {
        #expect(try extra([mount("//tmp/./../tmp/")]) == [.bind(source: "/v", "/tmp")])
    }
}

/// Files that stand in a table.
private struct TableOfFiles: HostFiles {
    private let files: [String: FileKind]

    init(_ files: [String: FileKind]) {
        self.files = files.merging(["/": .directory(mode: 0o755)]) { $1 }
    }

    func kind(of path: String) -> FileKind? { files[path] }

    func entries(of directory: String) -> [String] {
        let prefix = directory == "/" ? "/" : directory + "/"
        return files.keys.filter { $0.hasPrefix(prefix) && $0 != "/" }.map { $0.dropFirst(prefix.count) }
            .filter { !$0.contains("/") }.map(String.init).sorted()
    }
}
