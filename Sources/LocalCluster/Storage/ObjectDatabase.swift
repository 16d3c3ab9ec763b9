import GRDB
import KargoCore
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The objects on disk: one SQLite file in WAL mode.
///
/// What ``write(_:version:)`` has returned from survives the death of the process at any moment. Against the loss of
/// power it is as safe as the last checkpoint (`synchronous = NORMAL`), which is what a laptop's test cluster needs.
final class ObjectDatabase: Sendable {
    /// The layout of the file that this program reads and writes.
    private static let layout = 1

    /// What one write does.
    enum Operation: Sendable {
        case put(StoredObject)
        case remove(ResourceID, ObjectKey)
    }

    private let queue: DatabaseQueue

    /// Opens the file, or makes it.
    ///
    /// - Throws: ``LocalClusterError`` when the file was written by a newer version, is damaged, or can't be opened.
    init(path: String) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.write { database in
                let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                guard found <= Self.layout else {
                    throw LocalClusterError(
                        "\(path) was written by a newer version of this program; use that one, or another data directory"
                    )
                }
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
        try Self.restrictAccess(path)
    }

    /// The state is nobody else's business: it holds Secrets.
    private static func restrictAccess(_ path: String) throws {
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix)
        }
    }

    /// Reads everything.
    ///
    /// - Returns: All objects and the last resource version.
    func load() throws -> (objects: [StoredObject], version: UInt64) {
        try queue.read { database in
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
    }

    /// Makes changes last, all or none.
    ///
    /// - Parameters:
    ///   - operations: The changes, in order.
    ///   - version: The last resource version after them.
    /// - Throws: What the disk or SQLite says; then nothing was written.
    func write(_ operations: [Operation], version: UInt64) async throws {
        try await queue.write { database in
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
    }

    /// Moves everything into the main file and closes it.
    func close() throws {
        try queue.writeWithoutTransaction { database in _ = try database.checkpoint(.truncate) }
        try queue.close()
    }
}
