public import ArgoCompat
public import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Carries requests to a plugin over HTTP.
///
/// Only loopback and addresses that are numbers are called, directly: no proxy, no redirects, no names that somebody
/// could answer for.
public struct HTTPPluginTransport: PluginTransport {
    /// The largest answer that is taken.
    ///
    /// It ends up in the Promotion's status, which holds no more.
    public static let largestAnswer = 1024 * 1024

    /// The address is none that may be called.
    public struct AddressError: Error, Hashable, CustomStringConvertible {
        /// The address and what it must be.
        public let description: String
    }

    /// The bases of URLs to try, in order.
    private let bases: [String]
    private let port: Int
    private let user: UInt32?
    private let token: String?
    private let client: HTTPClient
    private let sockets: @Sendable () -> [String]?

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - address: `http://HOST:PORT`; for the host `localhost` both loopback addresses are tried, IPv4 first.
    ///   - token: The bearer token; nil for none.
    ///   - user: The user as which the plugin listens, and nobody else on its port; nil for any.
    ///   - client: What sends requests; see ``makeClient()``.
    /// - Throws: ``AddressError``.
    public init(address: String, token: String?, user: UInt32? = nil, client: HTTPClient) throws(AddressError) {
        try self.init(address: address, token: token, user: user, client: client, sockets: PortOwners.tables)
    }

    init(
        address: String,
        token: String?,
        user: UInt32?,
        client: HTTPClient,
        sockets: @escaping @Sendable () -> [String]?
    ) throws(AddressError) {
        (bases, port) = try Self.bases(of: address)
        self.token = token
        self.user = user
        self.client = client
        self.sockets = sockets
    }

    /// Makes a client that follows no redirects and knows no proxy.
    ///
    /// Whoever makes it shuts it down.
    ///
    /// - Parameter users: The users that must be at the other end of connections, by port; nothing is sent to another.
    /// - Returns: The client.
    public static func makeClient(users: [Int: UInt32] = [:]) -> HTTPClient {
        makeClient(users: users, sockets: PortOwners.tables)
    }

    static func makeClient(users: [Int: UInt32], sockets: @escaping @Sendable () -> [String]?) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(5))
        configuration.httpVersion = .http1Only
        // Retrying is for the rules of a call to decide.
        configuration.connectionPool.retryConnectionEstablishment = false
        // Who had the port before the connection was there need not be who has taken it.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            do {
                try checkPeer(of: channel, users, sockets)
                return channel.eventLoop.makeSucceededVoidFuture()
            } catch {
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(error)
            }
        }
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    private static func bases(of address: String) throws(AddressError) -> (bases: [String], port: Int) {
        let problem = AddressError(
            description: "a plugin's address must be http://localhost:PORT or http://IP:PORT, not \"\(address)\""
        )
        guard address.hasPrefix("http://") else { throw problem }
        let authority = address.dropFirst("http://".count)
        guard let colon = authority.lastIndex(of: ":") else { throw problem }
        let digits = authority[authority.index(after: colon)...]
        guard digits.allSatisfy({ ("0"..."9").contains($0) }), let port = Int(digits), (1...65535).contains(port) else {
            throw problem
        }
        let host = String(authority[..<colon])
        if host == "localhost" { return (["http://127.0.0.1:\(port)", "http://[::1]:\(port)"], port) }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let bare = isBracketed ? String(host.dropFirst().dropLast()) : host
        do {
            let socketAddress = try SocketAddress(ipAddress: bare, port: port)
            guard (socketAddress.protocol == .inet6) == isBracketed else { throw problem }
        } catch {
            throw problem
        }
        return ([address], port)
    }

    /// Posts a body and reads the reply, no more of it than the limit allows.
    public func post(path: String, body: [UInt8]) async throws -> PluginReply {
        try checkOwner()
        for base in bases.dropLast() {
            do {
                return try await post(base + path, body)
            } catch PluginTransportError.connectionRefused {
                continue
            }
        }
        return try await post(bases[bases.count - 1] + path, body)
    }

    /// All containers of a Pod share their ports, and any of them could take that of the plugin, with the token and
    /// the configuration that are meant for it.
    private func checkOwner() throws(PluginTransportError) {
        guard let user, let tables = sockets() else { return }
        let owners = PortOwners.users(listeningOn: port, in: tables)
        if owners.isEmpty { throw .connectionRefused }
        if let other = owners.subtracting([user]).min() {
            throw .failed(
                "was not asked: user \(other) listens on its port \(port), and it runs as user \(user); look for "
                    + "another container that has taken the port"
            )
        }
    }

    private static func checkPeer(
        of channel: any Channel,
        _ users: [Int: UInt32],
        _ sockets: () -> [String]?
    ) throws(PluginTransportError) {
        guard let port = channel.remoteAddress?.port, let user = users[port], let tables = sockets() else { return }
        let peers = PortOwners.users(connectedOn: port, to: channel.localAddress?.port, in: tables)
        guard peers != [user] else { return }
        let other = peers.subtracting([user]).min().map { "user \($0)" } ?? "nobody who can be told"
        throw .failed("was not asked: \(other) took the connection to its port \(port), and it runs as user \(user)")
    }

    private func post(_ url: String, _ body: [UInt8]) async throws -> PluginReply {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        // What a plugin sends too much or too late must not be taken for the answer to the next call.
        request.headers.add(name: "connection", value: "close")
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        request.body = .bytes(body)
        do {
            let response = try await client.execute(request, deadline: .distantFuture)
            let bytes = try await response.body.collect(upTo: Self.largestAnswer)
            return PluginReply(status: Int(response.status.code), body: Array(buffer: bytes))
        } catch is NIOTooManyBytesError {
            throw PluginTransportError.failed("answered with more than \(Self.largestAnswer) bytes")
        } catch {
            try Task.checkCancellation()
            throw Self.transportError(error)
        }
    }

    private static func transportError(_ error: any Error) -> PluginTransportError {
        switch error {
        case let error as PluginTransportError: return error
        case let error where error.isRefusal: return .connectionRefused
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return .failed(PluginTransportError.brokenOff)
        case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE:
            return .failed(PluginTransportError.brokenOff)
        case let error as HTTPClientError: return .failed("could not be asked: \(error.shortDescription)")
        default: return .failed("could not be asked: \(error)")
        }
    }
}

extension Error {
    /// Whether nobody listens.
    var isRefusal: Bool {
        if let all = (self as? NIOConnectionError)?.connectionErrors { return all.allSatisfy(\.error.isRefusal) }
        return (self as? IOError)?.errnoCode == ECONNREFUSED
    }
}
