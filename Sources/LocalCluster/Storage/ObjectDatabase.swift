import GRDB
import KargoCore

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

/// The objects on disk: one SQLite file in WAL mode.
///
/// What ``write(_:version:)`` has returned from survives the death of the process and the loss of power at any moment:
/// every write waits for the disk (`synchronous = FULL`).
final class ObjectDatabase: Sendable {
    /// The layout of the file that this program reads and writes.
    private static let layout = 1

    /// After how many pages the log is carried into the file: 16 MiB, in which an object that changes often is carried
    /// once.
    private static let pagesPerCheckpoint = 4096

    /// What one write does.
    enum Operation: Sendable {
        case put(StoredObject)
        case remove(ResourceID, ObjectKey)
    }

    private let path: String
    private let queue: DatabaseQueue

    /// Opens the file, or makes it.
    ///
    /// - Throws: ``LocalClusterError`` when the file was written by a newer version, is damaged, or can't be opened.
    init(path: String) throws {
        self.path = path
        // Before SQLite may put anything into the file.
        try Self.check(layout: DatabaseHeader(of: path)?.userVersion ?? 0, path)
        try Self.restrictAccess(path)
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA fullfsync = ON;
                    PRAGMA checkpoint_fullfsync = ON;
                    PRAGMA wal_autocheckpoint = \(Self.pagesPerCheckpoint);
                    """
            )
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { database in
                let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                try Self.check(layout: found, path)
                guard found < Self.layout else { return }
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS objects (
                            api_group TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                            version INTEGER NOT NULL, body BLOB NOT NULL,
                            PRIMARY KEY (api_group, plural, namespace, name)
                        ) WITHOUT ROWID;
                        CREATE TABLE IF NOT EXISTS cluster (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
                        INSERT OR IGNORE INTO cluster (id, version) VALUES (1, 1);
                        PRAGMA user_version = \(Self.layout);
                        """
                )
            }
        } catch let error as DatabaseError {
            throw LocalClusterError("\(path) can't be opened: \(error.message ?? error.description)")
        }
    }

    private static func check(layout found: Int, _ path: String) throws(LocalClusterError) {
        guard found > layout else { return }
        throw LocalClusterError(
            """
            \(path) has layout \(found), and this program knows layouts up to \(layout): a newer version wrote it; use \
            that one, or another data directory
            """
        )
    }

    /// The state is nobody else's business: it holds Secrets.
    ///
    /// SQLite gives its other files the permissions of this one, so it has to be there first.
    private static func restrictAccess(_ path: String) throws(LocalClusterError) {
        do {
            _ = try Descriptor(open: path, O_RDWR | O_CREAT, mode: 0o600)
            for suffix in ["", "-wal", "-shm"] where FileSystem.exists(path + suffix) {
                try SystemError.check("set the permissions of \(path + suffix)") { chmod(path + suffix, 0o600) }
            }
        } catch {
            throw LocalClusterError("\(path) can't be opened: \(error.reason)")
        }
    }

    /// Reads everything.
    ///
    /// - Returns: All objects and the last resource version.
    /// - Throws: ``LocalClusterError`` when the file is damaged.
    func load() throws -> (objects: [StoredObject], version: UInt64) {
        do {
            return try queue.read { database in
                var objects: [StoredObject] = []
                let rows = try Row.fetchCursor(database, sql: "SELECT api_group, plural, version, body FROM objects")
                while let row = try rows.next() {
                    let data: Data = row[3]
                    let version: Int64 = row[2]
                    objects.append(
                        try StoredObject(
                            body: Array(data),
                            resource: ResourceID(group: row[0], plural: row[1]),
                            version: UInt64(version)
                        )
                    )
                }
                let version = try Int64.fetchOne(database, sql: "SELECT version FROM cluster") ?? 1
                return (objects, UInt64(version))
            }
        } catch {
            let reason = (error as? DatabaseError)?.message ?? "\(error)"
            throw LocalClusterError("\(path) is damaged: \(reason); put a copy of it in its place, or remove it")
        }
    }

    /// Makes changes last, all or none.
    ///
    /// - Parameters:
    ///   - operations: The changes, in order.
    ///   - version: The last resource version after them.
    /// - Throws: ``StorageFailure``; then nothing was written.
    func write(_ operations: [Operation], version: UInt64) async throws(StorageFailure) {
        do {
            try await queue.write { database in try Self.write(operations, version: version, database) }
        } catch {
            throw StorageFailure(error, path: path)
        }
    }

    private static func write(_ operations: [Operation], version: UInt64, _ database: Database) throws {
        let put = try database.cachedStatement(
            sql:
                "INSERT OR REPLACE INTO objects (api_group, plural, namespace, name, version, body) VALUES (?, ?, ?, ?, ?, ?)"
        )
        let remove = try database.cachedStatement(
            sql: "DELETE FROM objects WHERE api_group = ? AND plural = ? AND namespace = ? AND name = ?"
        )
        for operation in operations {
            switch operation {
            case .put(let object):
                try put.execute(arguments: [
                    object.resource.group, object.resource.plural, object.key.namespace, object.key.name,
                    Int64(object.version), Data(object.body),
                ])
            case .remove(let resource, let key):
                try remove.execute(arguments: [resource.group, resource.plural, key.namespace, key.name])
            }
        }
        let mark = try database.cachedStatement(sql: "UPDATE cluster SET version = ?")
        try mark.execute(arguments: [Int64(version)])
    }

    /// Moves everything into the main file and closes it.
    func close() throws {
        try queue.writeWithoutTransaction { database in _ = try database.checkpoint(.truncate) }
        try queue.close()
    }
}
