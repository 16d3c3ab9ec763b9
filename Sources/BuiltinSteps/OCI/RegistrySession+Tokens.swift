import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1

extension RegistrySession {
    /// The longest answer of a token server.
    private static let largestToken = 1 << 20

    /// Gets a token from the server that a challenge names.
    ///
    /// - Parameters:
    ///   - challenge: What the registry said.
    ///   - scopes: What the token must allow.
    ///   - isSecure: Whether the registry speaks TLS; then its token server must do so too.
    /// - Returns: The token.
    /// - Throws: ``OCIFailure``, `CancellationError`.
    func token(_ challenge: RegistryChallenge, _ scopes: [String], isSecure: Bool) async throws -> String {
        guard let realm = challenge.parameters["realm"] else {
            throw OCIFailure(.unauthorized, "the registry \(registry) doesn't say where to get tokens")
        }
        var url = try Self.url(realm)
        guard url.isSecure || !isSecure else {
            throw OCIFailure(
                .unauthorized,
                "the registry \(registry) wants its tokens got over plain HTTP, from \(url)"
            )
        }
        var parameters = challenge.parameters["service"].map { [("service", $0)] } ?? []
        let asked = challenge.parameters["scope"]?.split(separator: " ").map(String.init) ?? []
        for scope in scopes + asked.filter({ !scopes.contains($0) }) { parameters.append(("scope", scope)) }
        do throws(RequestURL.Malformed) {
            url = try url.adding(parameters.map { (name: $0.0, value: $0.1) })
        } catch {
            throw OCIFailure(.unauthorized, "the registry \(registry) doesn't say where to get tokens: \(error)")
        }
        var request = HTTPClientRequest(url: url.text)
        request.headers.add(name: "User-Agent", value: "kargo")
        if let authorization = try authorization(isSecure: url.isSecure, host: url.host) {
            request.headers.add(name: "Authorization", value: authorization)
        }
        let response: HTTPClientResponse
        let body: ByteBuffer
        do {
            response = try await clients.client(for: url).execute(request, deadline: .distantFuture)
            guard (200...299).contains(response.status.code) else {
                throw await failure(Response(response: response, url: url), "gives no token, by way of \(url)")
            }
            body = try await response.body.collect(upTo: Self.largestToken)
        } catch {
            throw try unreachable(error, url)
        }
        let document = try? JSONValue(parsing: Array(buffer: body))
        let token = document?["token"]?.stringValue ?? document?["access_token"]?.stringValue ?? ""
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw OCIFailure(
                .unauthorized,
                "the registry \(registry) gives something that is no token, by way of \(url)"
            )
        }
        return token
    }
}
