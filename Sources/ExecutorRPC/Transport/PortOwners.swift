#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Who listens on the ports of this Pod, as the kernel's tables of sockets say.
enum PortOwners {
    private static let listening = "0A"

    /// The tables of this network namespace; nil where the system shows none.
    static func tables() -> [String]? {
        #if os(Linux)
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap(text)
        return tables.isEmpty ? nil : tables
        #else
        return nil
        #endif
    }

    /// The whole text of a file whose size the kernel does not tell, and which it gives out in pieces.
    private static func text(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(file, &piece, piece.count)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            if count > 0 { bytes += piece[..<count] } else if errno != EINTR { return nil }
        }
    }

    /// The users whose processes listen on a port, whatever the address.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - tables: What `/proc/net/tcp` and `/proc/net/tcp6` say.
    /// - Returns: The users.
    static func users(listeningOn port: Int, in tables: [String]) -> Set<UInt32> {
        Set(sockets(tables).filter { $0.isListening && $0.port == port }.map(\.user))
    }

    /// The users who have the other end of a connection.
    ///
    /// - Parameters:
    ///   - port: The port at the other end.
    ///   - client: The port at this end.
    ///   - tables: What `/proc/net/tcp` and `/proc/net/tcp6` say.
    /// - Returns: The users; of a connection that was not accepted yet, those who listen and so can do that.
    static func users(connectedOn port: Int, to client: Int?, in tables: [String]) -> Set<UInt32> {
        let ends = sockets(tables).filter { !$0.isListening && $0.port == port && $0.remotePort == client }
        let accepted = Set(ends.filter(\.isAccepted).map(\.user))
        return ends.allSatisfy(\.isAccepted) ? accepted : accepted.union(users(listeningOn: port, in: tables))
    }

    private struct Socket {
        var port: Int
        var remotePort: Int
        var isListening: Bool
        var user: UInt32
        /// Whether a process has it; the kernel names no user of one that none has.
        var isAccepted: Bool
    }

    private static func sockets(_ tables: [String]) -> [Socket] {
        tables.joined(separator: "\n").split(separator: "\n")
            .compactMap { line in
                // sl, local address, remote address, state, queues, timer, retransmits, user, timeout, inode, …
                let fields = line.split(separator: " ")
                guard fields.count > 9, let port = Self.port(fields[1]), let remotePort = Self.port(fields[2]),
                    let user = UInt32(fields[7])
                else { return nil }
                return Socket(
                    port: port,
                    remotePort: remotePort,
                    isListening: fields[3] == listening,
                    user: user,
                    isAccepted: fields[9] != "0"
                )
            }
    }

    private static func port(_ address: Substring) -> Int? {
        address.lastIndex(of: ":").flatMap { Int(address[address.index(after: $0)...], radix: 16) }
    }
}
