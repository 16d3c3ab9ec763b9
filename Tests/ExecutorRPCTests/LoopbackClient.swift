import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Sends a request, byte for byte as a test writes it, to a port of the loopback address.
enum LoopbackClient {
    /// There was no answer.
    struct Failure: Error {
        var code: Int32
    }

    struct Reply: Sendable {
        var status: Int
        var body: String
    }

    /// Sends a request and reads the answer until the server hangs up, as the request must ask for.
    static func send(_ request: String, port: Int) async throws -> Reply {
        let answer = try await withCheckedThrowingContinuation { continuation in
            // Blocks in connect(2), send(2) and recv(2), which the pool's threads must not.
            DispatchQueue(label: "loopback client")
                .async {
                    continuation.resume(with: exchange(Array(request.utf8), port: port))
                }
        }
        let text = String(decoding: answer, as: UTF8.self)
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let status, let end = text.firstRange(of: "\r\n\r\n") else { throw Failure(code: EPROTO) }
        return Reply(status: status, body: String(text[end.upperBound...]))
    }

    private static func exchange(_ request: [UInt8], port: Int) -> Result<[UInt8], Failure> {
        #if canImport(Darwin)
        let kind = SOCK_STREAM
        #else
        let kind = Int32(SOCK_STREAM.rawValue)
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
        defer { close(descriptor) }
        var ip = sockaddr_in()
        ip.sin_family = sa_family_t(AF_INET)
        ip.sin_port = UInt16(port).bigEndian
        ip.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: ip) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, SocketBytes.send(request, to: descriptor) else { return .failure(Failure(code: errno)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { return .failure(Failure(code: errno)) }
            if count == 0 { return .success(answer) }
            answer += buffer.prefix(count)
        }
    }
}

enum SocketBytes {
    /// Sends all bytes; false when the other side does not want them.
    static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        var rest = bytes[...]
        while !rest.isEmpty {
            #if canImport(Glibc)
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
            #elseif canImport(Musl)
            let count = rest.withUnsafeBytes { Musl.send(descriptor, $0.baseAddress, $0.count, flags) }
            #else
            let count = rest.withUnsafeBytes { Darwin.send(descriptor, $0.baseAddress, $0.count, flags) }
            #endif
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
