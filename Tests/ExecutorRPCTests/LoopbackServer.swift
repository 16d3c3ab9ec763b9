import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Answers each connection on a loopback address with given bytes, whatever they are, and keeps what it was sent.
final class LoopbackServer: Sendable {
    /// Where it listens.
    enum Address {
        case ipv4
        case ipv6
    }

    /// No socket could be had.
    struct Failure: Error {
        var code: Int32
    }

    let port: Int
    private let descriptor: Int32
    private let reply: [UInt8]
    private let received = Mutex<[String]>([])

    /// The requests, headers and body.
    var requests: [String] { received.withLock { $0 } }

    /// Listens while the body runs.
    static func with<Result>(
        _ address: Address = .ipv4,
        reply: String,
        _ body: (LoopbackServer) async throws -> Result
    ) async throws -> Result {
        let server = try LoopbackServer(address, reply: Array(reply.utf8))
        // Blocks in accept(2), which the pool's threads must not.
        DispatchQueue(label: "loopback").async { server.serve() }
        defer { shutdown(server.descriptor, Int32(SHUT_RDWR)) }
        return try await body(server)
    }

    /// An answer with a body of JSON.
    static func json(_ text: String, status: String = "200 OK") -> String {
        "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(text.utf8.count)\r\n"
            + "connection: close\r\n\r\n\(text)"
    }

    private init(_ address: Address, reply: [UInt8]) throws(Failure) {
        self.reply = reply
        #if canImport(Darwin)
        let kind = SOCK_STREAM
        #else
        let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        descriptor = socket(address == .ipv4 ? AF_INET : AF_INET6, kind, 0)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        var storage = sockaddr_storage()
        var length: socklen_t
        switch address {
        case .ipv4:
            var ip = sockaddr_in()
            ip.sin_family = sa_family_t(AF_INET)
            ip.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeBytes(of: ip) { source in
                withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
            }
        case .ipv6:
            var ip = sockaddr_in6()
            ip.sin6_family = sa_family_t(AF_INET6)
            ip.sin6_addr = in6addr_loopback
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeBytes(of: ip) { source in
                withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
            }
        }
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0, listen(descriptor, 16) == 0,
                    getsockname(descriptor, address, &length) == 0
                else { return errno }
                return 0
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw Failure(code: code)
        }
        // The port has the same place in both kinds of address.
        port = withUnsafeBytes(of: storage) { Int(UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))) }
    }

    private func serve() {
        while true {
            let connection = accept(descriptor, nil, nil)
            guard connection >= 0 else { break }
            answer(connection)
            close(connection)
        }
        close(descriptor)
    }

    private func answer(_ connection: Int32) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while !Self.isComplete(request) {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            request += buffer.prefix(count)
        }
        received.withLock { $0.append(String(decoding: request, as: UTF8.self)) }
        // Whoever has hung up has heard enough.
        _ = SocketBytes.send(reply, to: connection)
    }

    /// Whether the headers are there, and as much of a body as they promise.
    static func isComplete(_ request: [UInt8]) -> Bool {
        let text = String(decoding: request, as: UTF8.self).lowercased()
        guard let end = text.firstRange(of: "\r\n\r\n") else { return false }
        let head = text[..<end.lowerBound]
        guard let length = head.split(separator: "\r\n").first(where: { $0.hasPrefix("content-length:") }) else {
            return true
        }
        let count = Int(length.dropFirst("content-length:".count).drop { $0 == " " }) ?? 0
        return text[end.upperBound...].utf8.count >= count
    }
}
