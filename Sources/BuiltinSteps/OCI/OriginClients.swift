import AsyncHTTPClient
import KargoCore
import NIOCore

/// A place that connections go to, and credentials with them.
struct HTTPOrigin: Sendable, Hashable {
    let isSecure: Bool
    let host: String
    let port: Int

    init(_ url: RequestURL) {
        isSecure = url.isSecure
        host = url.host.lowercased()
        port = url.port
    }
}

/// The clients of one step: one for each place, so that connections are used again.
actor OriginClients {
    private let sender: HTTPSender
    private let route: HTTPSender.Route
    private var clients: [HTTPOrigin: HTTPClient] = [:]

    private init(sender: HTTPSender, route: HTTPSender.Route) {
        self.sender = sender
        self.route = route
    }

    /// Makes clients, hands them to the body and shuts them down when it is done.
    static func with<Result>(
        _ sender: HTTPSender,
        by route: HTTPSender.Route,
        _ body: (OriginClients) async throws -> Result
    ) async throws -> Result {
        let clients = OriginClients(sender: sender, route: route)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(clients))
        } catch {
            result = .failure(error)
        }
        for client in await clients.all { try await client.shutdown() }
        return try result.get()
    }

    private var all: [HTTPClient] { Array(clients.values) }

    /// The client for a place.
    ///
    /// - Throws: What says that it can't be called.
    func client(for url: RequestURL) async throws -> HTTPClient {
        let origin = HTTPOrigin(url)
        if let client = clients[origin] { return client }
        var configuration = try await sender.configuration(for: url, by: route)
        // A registry may take its time over what it was sent, but not for ever.
        configuration.timeout.read = .seconds(300)
        configuration.timeout.write = .seconds(60)
        // Somebody else may have been quicker while the name was looked up.
        if let client = clients[origin] { return client }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        clients[origin] = client
        return client
    }
}
