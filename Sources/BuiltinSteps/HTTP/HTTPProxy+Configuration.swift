import AsyncHTTPClient
import KargoCore

extension HTTPProxy {
    /// The proxy at its address.
    func configuration(address: String) -> HTTPClient.Configuration.Proxy {
        guard let user = url.user else { return .server(host: address, port: url.port) }
        return .server(
            host: address,
            port: url.port,
            authorization: .basic(username: user.name, password: user.password)
        )
    }
}
