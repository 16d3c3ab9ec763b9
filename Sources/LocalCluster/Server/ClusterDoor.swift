import KargoCore
import Logging
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a cluster is reached: its address, its identity, the tokens that open it, and the files that say so.
final class ClusterDoor: Sendable {
    /// Where the API is served.
    let listenAddress: ListenAddress
    /// The server's certificates.
    let identity: RenewedIdentity

    private let keys: Keys
    private let port = Mutex<Int?>(nil)
    private let opening: AsyncStream<Void>
    private let isOpen: AsyncStream<Void>.Continuation

    /// Reads what a data directory has, and makes what it lacks.
    ///
    /// - Throws: ``LocalClusterError`` for an address that is none, and for files that can't be read or written.
    init(directory: String, listenAddress: String, now: @escaping @Sendable () -> Date, logger: Logger) throws {
        let address = try ListenAddress(listenAddress)
        let keys = try Keys(directory: directory, address: address)
        self.listenAddress = address
        self.keys = keys
        identity = try RenewedIdentity(
            directory: directory,
            addresses: try address.reachable(),
            now: now,
            logger: logger
        ) { identity in
            do {
                if let port = try keys.port() { try keys.writeKubeconfigs(port: port, identity) }
            } catch {
                logger.error("the kubeconfigs can't be written", metadata: ["error": "\(error)"])
            }
        }
        (opening, isOpen) = AsyncStream.makeStream()
    }

    /// Knows the callers whose tokens are in the data directory, and those that have tokens of ServiceAccounts.
    func authenticator(store: ClusterStore, now: @escaping @Sendable () -> Date) throws -> Authenticator {
        Authenticator(
            callers: [
                Digest.sha256(keys.admin.utf8): "admin",
                Digest.sha256(keys.controller.utf8): LocalCluster.controllerUsername,
            ],
            key: Array(try keys.token("accounts.key").utf8),
            store: store,
            now: now
        )
    }

    /// The port of last time.
    func lastPort() throws -> Int? { try keys.port() }

    /// Notes that the API is served at a port, and writes down how it is reached.
    func open(port: Int) throws -> LocalCluster.Access {
        try keys.files.write(Array(String(port).utf8), to: "port")
        try keys.writeKubeconfigs(port: port, identity.current)
        self.port.withLock { $0 = port }
        isOpen.finish()
        return LocalCluster.Access(
            address: keys.url(port: port),
            kubeconfig: "\(keys.files.directory)/kubeconfig",
            controllerKubeconfig: "\(keys.files.directory)/controller.kubeconfig"
        )
    }

    /// Waits until the API is served.
    func waitUntilOpen() async {
        for await _ in opening {}
    }

    /// The variables by which Pods find the API.
    var serviceEnvironment: [String: String] {
        guard let port = port.withLock(\.self) else { return [:] }
        return [
            "KUBERNETES_SERVICE_HOST": listenAddress.callable, "KUBERNETES_SERVICE_PORT": String(port),
            "KUBERNETES_SERVICE_PORT_HTTPS": String(port),
        ]
    }
}

/// What is in the data directory for those who call.
private struct Keys: Sendable {
    let files: PrivateFiles
    let address: ListenAddress
    let admin: String
    let controller: String

    init(directory: String, address: ListenAddress) throws(LocalClusterError) {
        files = PrivateFiles(directory: directory)
        self.address = address
        admin = try Self.token("admin.token", files)
        controller = try Self.token("controller.token", files)
    }

    func token(_ name: String) throws(LocalClusterError) -> String { try Self.token(name, files) }

    private static func token(_ name: String, _ files: PrivateFiles) throws(LocalClusterError) -> String {
        // An empty one would let everybody in.
        if let token = try files.read(name), !token.isEmpty { return String(decoding: token, as: UTF8.self) }
        let token = Token.random()
        try files.write(Array(token.utf8), to: name)
        return token
    }

    func port() throws(LocalClusterError) -> Int? {
        try files.read("port").flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    func url(port: Int) -> String { "https://\(address.urlHost):\(port)" }

    func writeKubeconfigs(port: Int, _ identity: ServerIdentity) throws(LocalClusterError) {
        for (name, token) in [("kubeconfig", admin), ("controller.kubeconfig", controller)] {
            let text = kubeconfig(port: port, authority: identity.authority, token: token)
            try files.write(Array(text.utf8), to: name)
        }
    }

    private func kubeconfig(port: Int, authority: [UInt8], token: String) -> String {
        let value: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": "local",
            "clusters": [
                [
                    "name": "local",
                    "cluster": [
                        "server": .string(url(port: port)),
                        "certificate-authority-data": .string(Data(authority).base64EncodedString()),
                    ],
                ]
            ],
            "users": [["name": "local", "user": ["token": .string(token)]]],
            "contexts": [["name": "local", "context": ["cluster": "local", "user": "local"]]],
        ]
        return value.yaml()
    }
}
