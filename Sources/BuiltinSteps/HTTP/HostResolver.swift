import KargoCore
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds the address to connect to, which is never a link-local one.
///
/// At such addresses clouds give out a machine's credentials. As in Kargo, private addresses and loopback are allowed.
struct HostResolver: Sendable {
    /// A host can't be connected to.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// All addresses of a host, in the order in which to try them.
    private let lookUp: @Sendable (_ host: String) async throws -> [String]

    init(lookUp: @escaping @Sendable (_ host: String) async throws -> [String]) { self.lookUp = lookUp }

    /// The system's resolver.
    static let system = HostResolver(lookUp: Self.systemAddresses)

    /// The first address of a host that may be connected to.
    ///
    /// - Throws: ``Failure`` if there is none; `CancellationError`.
    func address(of host: String) async throws -> String {
        let addresses = try await lookUp(host)
        guard let address = addresses.first(where: { !Self.isLinkLocal($0) }) else {
            throw Failure(
                description: addresses.isEmpty
                    ? "the host \"\(host)\" has no address"
                    : "the host \"\(host)\" has a link-local address, and those are never called"
            )
        }
        return address
    }

    /// Whether an address is in 169.254.0.0/16, also as an IPv6 address, or in fe80::/10.
    static func isLinkLocal(_ address: String) -> Bool { IPAddress(address)?.isLinkLocal == true }

    /// Asks on a thread that may be blocked, and waits no longer than the task goes on.
    private static func systemAddresses(of host: String) async throws -> [String] {
        let (answers, continuation) = AsyncThrowingStream.makeStream(
            of: [String].self,
            bufferingPolicy: .bufferingNewest(1)
        )
        NIOThreadPool.singleton
            .runIfActive(eventLoop: MultiThreadedEventLoopGroup.singleton.next()) {
                try addresses(of: host)
            }
            .whenComplete { result in
                switch result {
                case .success(let addresses):
                    continuation.yield(addresses)
                    continuation.finish()
                case .failure(let error): continuation.finish(throwing: error)
                }
            }
        for try await addresses in answers { return addresses }
        throw CancellationError()
    }

    private static func addresses(of host: String) throws(Failure) -> [String] {
        var hints = addrinfo()
        #if canImport(Darwin)
        hints.ai_socktype = SOCK_STREAM
        #else
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            throw Failure(description: "the host \"\(host)\" can't be found: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = list
        while let next = entry {
            var name = [CChar](repeating: 0, count: 256)
            let length = socklen_t(name.count)
            if getnameinfo(next.pointee.ai_addr, next.pointee.ai_addrlen, &name, length, nil, 0, NI_NUMERICHOST) == 0 {
                addresses.append(String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            entry = next.pointee.ai_next
        }
        return addresses
    }
}
