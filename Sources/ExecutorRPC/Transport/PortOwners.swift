#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Who listens on the ports of this Pod, as the kernel's tables of sockets say.
enum PortOwners {
    private static let listening = "0A"

    /// The tables of this network namespace; nil where the system shows none.
    static func tables() -> [String]? {
        #if os(Linux)
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
            .compactMap { path in
                (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
            }
        return tables.isEmpty ? nil : tables
        #else
        return nil
        #endif
    }

    /// The users whose processes listen on a port, whatever the address.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - tables: What `/proc/net/tcp` and `/proc/net/tcp6` say.
    /// - Returns: The users.
    static func users(listeningOn port: Int, in tables: [String]) -> Set<UInt32> {
        var users: Set<UInt32> = []
        for line in tables.joined(separator: "\n").split(separator: "\n") {
            // sl, local address, remote address, state, queues, timer, retransmits, user, …
            let fields = line.split(separator: " ")
            guard fields.count > 7, fields[3] == listening, let colon = fields[1].lastIndex(of: ":"),
                Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port, let user = UInt32(fields[7])
            else { continue }
            users.insert(user)
        }
        return users
    }
}
