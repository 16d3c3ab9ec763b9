import AsyncHTTPClient
import KargoCore
import NIOCore

/// HTTP clients: one for each proxy, and one for what is called without.
actor ClientsByProxy {
    private var clients: [HTTPProxy?: HTTPClient] = [:]

    private var all: [HTTPClient] { Array(clients.values) }

    private init() {}

    /// Makes clients, hands them to the body and closes their connections when that is done.
    static func with<Result>(_ body: (ClientsByProxy) async throws -> Result) async throws -> Result {
        let clients = ClientsByProxy()
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(clients))
        } catch {
            outcome = .failure(error)
        }
        for client in await clients.all { try await client.shutdown() }
        return try outcome.get()
    }

    /// The client for a proxy.
    func client(for proxy: HTTPProxy?) -> HTTPClient {
        if let client = clients[proxy] { return client }
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(10))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.proxy = proxy.map { proxy in
            let authorization = proxy.url.user.map {
                HTTPClient.Authorization.basic(username: $0.name, password: $0.password)
            }
            return HTTPClient.Configuration.Proxy.server(
                host: proxy.url.host,
                port: proxy.url.port,
                authorization: authorization
            )
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        clients[proxy] = client
        return client
    }
}
