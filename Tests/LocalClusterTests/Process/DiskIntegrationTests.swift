import KargoCore
import KargoTestSupport
import KubernetesClient
import Subprocess
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A data directory that can't be written to.
///
/// Its disk is one in memory, in a mount namespace of the cluster's own.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(2)))
struct DiskIntegrationTests {
    private static let namespace = "default"

    /// Whether this user may mount at all.
    private static func canMount() async -> Bool {
        let outcome = try? await Subprocess.run(
            .name("unshare"),
            arguments: ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"],
            output: .discarded,
            error: .discarded
        )
        return outcome?.terminationStatus.isSuccess ?? false
    }

    /// Runs a command in a mount namespace with something mounted on the data directory.
    private func launcher(mounting mount: String, _ directory: ScopedDirectory) -> [String] {
        ["unshare", "-rm", "sh", "-c", "\(mount) \"$0\" && exec \"$@\"", directory.file("data")]
    }

    /// Fills the disk.
    ///
    /// - Returns: The file that has taken all room.
    private func fillDisk(_ cluster: ClusterProcess) throws -> Descriptor {
        let file = try Descriptor(open: "\(cluster.installation.dataDirectory)/filler", O_WRONLY | O_CREAT)
        // Finer and finer, so that nothing is left.
        for size in [65_536, 4096, 1] {
            while (try? file.write([UInt8](repeating: 1, count: size))) != nil {}
        }
        return file
    }

    private func create(_ name: String, _ api: ClusterConnection) async throws -> APIResponse {
        let object = LedgerObject.make(name, revision: 6)
        let path = APIResource.configMaps.path(namespace: Self.namespace)
        return try await api.send(APIRequest(.post, path, body: object.serialized()))
    }

    private func names(_ api: ClusterConnection) async throws -> Set<String> {
        let items = LedgerObject.own(try await api.list(.configMaps, namespace: Self.namespace).items)
        #expect(items.allSatisfy { LedgerObject.revision(of: $0) != nil })
        return Set(items.compactMap { $0[path: "metadata", "name"]?.stringValue })
    }

    @Test(.enabled("mounting is allowed") { await canMount() })
    func `a full disk refuses writes, and nothing else`() async throws {
        try await ScopedDirectory.with { directory in
            try FileManager.default.createDirectory(
                atPath: directory.file("data"),
                withIntermediateDirectories: false
            )
            let launcher = launcher(mounting: "mount -t tmpfs -o size=8m,mode=700 none", directory)
            let (disk, written) = try await ClusterProcess.with(
                directory,
                launcher: launcher,
                root: { "/proc/\($0)/root" }
            ) { cluster in
                let written = try await cluster.connected { try await fillAndEmpty(cluster, $0) }
                // The disk is gone with the cluster, but for who has opened something on it.
                let disk = try Descriptor(open: cluster.installation.dataDirectory, O_RDONLY)
                ProcessSignal.kill(cluster.running.pid)
                return (disk, written)
            }
            for name in ["cluster.db", "cluster.db-wal"] {
                let copy = directory.file("data/\(name)")
                try FileManager.default.copyItem(atPath: "/proc/self/fd/\(disk.number)/\(name)", toPath: copy)
            }
            let found = try await ClusterProcess.with(directory) { try await $0.connected { try await names($0) } }
            #expect(found == written)
        }
    }

    private func fillAndEmpty(_ cluster: ClusterProcess, _ api: ClusterConnection) async throws -> Set<String> {
        #expect(try await create("before", api).status == 201)
        let filler = try fillDisk(cluster)
        let (refusal, written) = try await createUntilRefused(api)
        let status = try JSONValue(parsing: refusal.body)
        #expect(refusal.status == 507)
        #expect(status["kind"]?.stringValue == "Status")
        #expect(status["reason"]?.stringValue == "InsufficientStorage")
        #expect(status["message"]?.stringValue?.contains("the disk is full") == true)
        #expect(try await create("again", api).status == 507)
        #expect(try await names(api) == written.union(["before"]))
        try SystemError.check("empty the file") { ftruncate(filler.number, 0) }
        #expect(try await create("after", api).status == 201)
        let all = written.union(["before", "after"])
        #expect(try await names(api) == all)
        return all
    }

    /// Creates objects until that is refused: what SQLite has already got of the disk it goes on using.
    private func createUntilRefused(_ api: ClusterConnection) async throws -> (APIResponse, Set<String>) {
        var written: Set<String> = []
        for index in 0..<5000 {
            let answer = try await create("during-\(index)", api)
            if answer.status != 201 { return (answer, written) }
            written.insert("during-\(index)")
        }
        Issue.record("there is always room")
        throw CancellationError()
    }

    @Test func `a file that can't grow refuses writes, and nothing else`() async throws {
        try await ScopedDirectory.with { directory in
            // In blocks of 512 bytes, or of 1024 where sh is bash.
            let limit = ["sh", "-c", "trap '' XFSZ; ulimit -f 1024; exec \"$@\"", "sh"]
            let written = try await ClusterProcess.with(directory, launcher: limit) { cluster in
                try await cluster.connected { api in
                    let (refusal, written) = try await createUntilRefused(api)
                    let status = try JSONValue(parsing: refusal.body)
                    #expect(refusal.status == 500)
                    #expect(status["reason"]?.stringValue == "InternalError")
                    #expect(status["message"]?.stringValue?.contains(directory.file("data/cluster.db")) == true)
                    #expect(try await names(api) == written)
                    ProcessSignal.kill(cluster.running.pid)
                    return written
                }
            }
            let found = try await ClusterProcess.with(directory) { try await $0.connected { try await names($0) } }
            #expect(found == written)
        }
    }

    @Test(.enabled("mounting is allowed") { await canMount() })
    func `a directory that can't be written to is named`() async throws {
        try await ScopedDirectory.with { directory in
            try FileManager.default.createDirectory(
                atPath: directory.file("data"),
                withIntermediateDirectories: false
            )
            let launcher = launcher(mounting: "mount -t tmpfs -o ro none", directory)
            let ending = try await ClusterProcess.ending(directory, launcher: launcher)
            #expect(!ending.succeeded)
            #expect(ending.problem.contains(directory.file("data")))
            #expect(ending.problem.contains("Read-only file system"))
        }
    }

    @Test(.enabled("mounting is allowed") { await canMount() })
    func `a cluster does not start on a full disk`() async throws {
        try await ScopedDirectory.with { directory in
            try FileManager.default.createDirectory(
                atPath: directory.file("data"),
                withIntermediateDirectories: false
            )
            let mount =
                "fill() { mount -t tmpfs -o size=64k none \"$1\" && ! head -c 1m /dev/zero > \"$1/filler\"; }; fill"
            let ending = try await ClusterProcess.ending(
                directory,
                launcher: launcher(mounting: mount, directory)
            )
            #expect(!ending.succeeded)
            #expect(ending.problem.contains(directory.file("data")))
            #expect(ending.problem.contains("No space left on device"), "\(ending.problem)")
        }
    }
}
