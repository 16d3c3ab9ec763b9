import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1

/// Talks to one registry in the name of one user.
actor RegistrySession {
    /// What is asked of the registry.
    struct Request: Sendable {
        var method: HTTPMethod
        /// A path behind `/v2/`, or a whole URL that the registry has given.
        var target: Target
        var headers: HTTPHeaders = [:]
        var body: HTTPClientRequest.Body?
        /// What the request must be allowed to, as in `repository:a/b:pull`.
        var scopes: [String]
        /// Whether the same request can be made again.
        var isRepeatable = true

        enum Target: Sendable {
            case path(String)
            case url(RequestURL)
        }
    }

    /// An answer, and where it came from after redirects.
    struct Response: Sendable {
        let response: HTTPClientResponse
        let url: RequestURL

        var status: Int { Int(response.status.code) }
    }

    /// The longest error that is read.
    private static let largestError = 1 << 16
    private static let maximumRedirects = 10

    let registry: String
    let clients: OriginClients
    let credentials: RepositoryCredentials?
    private let policy: RegistryPolicy
    /// The root of the registry once it is known whether it speaks TLS.
    private var root: RequestURL?
    /// What proves who asks, by what it allows; the same for all scopes with basic authentication.
    private var authorizations: [[String]: String] = [:]
    private var basicAuthorization: String?
    private var hasAnswered = false

    init(
        registry: String,
        clients: OriginClients,
        credentials: RepositoryCredentials?,
        policy: RegistryPolicy
    ) {
        self.registry = registry
        self.clients = clients
        self.credentials = credentials.flatMap { $0.username.isEmpty && $0.password.isEmpty ? nil : $0 }
        self.policy = policy
    }

    /// Makes a request; proves who asks if the registry wants to know, and waits where it is busy.
    ///
    /// - Throws: ``OCIFailure`` if there is no answer, or it is that the request is not allowed; `CancellationError`.
    func send(_ request: Request) async throws -> Response {
        let url: RequestURL
        switch request.target {
        case .path(let path): url = try Self.url("\(try await resolvedRoot().text)\(path)")
        case .url(let given): url = given
        }
        var refusals = 0
        var wasChallenged = false
        var wasCutOff = false
        while true {
            let answer: Response
            do {
                answer = try await exchange(request, url)
                hasAnswered = true
            } catch let failure as OCIFailure where failure.code == .unreachable {
                // A connection that was kept may have been closed from the other end.
                guard request.isRepeatable, hasAnswered, !wasCutOff else { throw failure }
                wasCutOff = true
                continue
            }
            switch answer.status {
            // Whom the registry points to is told nothing, whatever he asks for.
            case 401 where !wasChallenged && isHome(answer.url):
                wasChallenged = true
                try await meet(answer, request.scopes)
                guard request.isRepeatable else { throw await failure(answer, "asks again who is there") }
            case 401, 403:
                throw await failure(answer, "doesn't allow \(request.method) \(url)")
            case let status where request.isRepeatable && RegistryPolicy.isTransient(status):
                refusals += 1
                let retryAfter = answer.response.headers.first(name: "Retry-After")
                guard refusals < RegistryPolicy.maximumAttempts,
                    let pause = RegistryPolicy.pause(afterRefusals: refusals, retryAfter: retryAfter)
                else { return answer }
                try await drain(answer)
                try await policy.sleep(pause)
            default: return answer
            }
        }
    }

    /// What an answer says that the request did not ask for.
    func failure(_ answer: Response, _ what: String) async -> OCIFailure {
        let code: OCIFailure.Code =
            switch answer.status {
            case 401, 403: .unauthorized
            case 404: .missing
            default: .refused(status: answer.status)
            }
        var text = "the registry \(registry) \(what): status \(answer.status)"
        if let body = try? await answer.response.body.collect(upTo: Self.largestError),
            let document = try? JSONValue(parsing: Array(buffer: body))
        {
            let reasons = (document["errors"]?.arrayValue ?? [])
                .compactMap { error in
                    [error["code"]?.stringValue, error["message"]?.stringValue].compactMap(\.self)
                        .filter { !$0.isEmpty }.joined(separator: ": ")
                }
            if !reasons.isEmpty { text += " (\(reasons.joined(separator: "; ").prefix(500)))" }
        }
        if answer.status == 401, credentials == nil { text += "; there are no credentials for it" }
        return OCIFailure(code, text)
    }

    /// Reads what is left of an answer, so that its connection can be used again.
    func drain(_ answer: Response) async throws {
        do {
            _ = try await answer.response.body.collect(upTo: Self.largestError)
        } catch is NIOTooManyBytesError {
            return
        } catch {
            throw try unreachable(error, answer.url)
        }
    }

    // MARK: Exchanges

    /// Makes a request and follows where the registry points; who asks is told to the registry only.
    private func exchange(_ request: Request, _ url: RequestURL) async throws -> Response {
        var url = url
        var method = request.method
        for _ in 0...Self.maximumRedirects {
            var message = HTTPClientRequest(url: url.text)
            message.method = method
            message.headers = request.headers
            message.headers.replaceOrAdd(name: "User-Agent", value: "kargo")
            message.body = request.body
            if isHome(url), let authorization = basicAuthorization ?? authorizations[request.scopes] {
                message.headers.replaceOrAdd(name: "Authorization", value: authorization)
            }
            let response = try await execute(message, url)
            let answer = Response(response: response, url: url)
            guard [301, 302, 303, 307, 308].contains(answer.status), request.body == nil,
                let location = response.headers.first(name: "Location")
            else { return answer }
            let next = try resolve(location, from: url)
            try await drain(answer)
            url = next
            if answer.status == 303, method != .HEAD { method = .GET }
        }
        throw OCIFailure(.unreachable, "the registry \(registry) redirects more than \(Self.maximumRedirects) times")
    }

    /// Whether a URL is one of the registry itself.
    private func isHome(_ url: RequestURL) -> Bool { root.map(HTTPOrigin.init) == HTTPOrigin(url) }

    private func execute(_ message: HTTPClientRequest, _ url: RequestURL) async throws -> HTTPClientResponse {
        do {
            return try await clients.client(for: url).execute(message, deadline: .distantFuture)
        } catch {
            throw try unreachable(error, url)
        }
    }

    /// What a broken connection means.
    nonisolated func unreachable(_ error: any Error, _ url: RequestURL) throws -> any Error {
        try Task.checkCancellation()
        return switch error {
        case is CancellationError, is OCIFailure, is FileError: error
        default: OCIFailure(.unreachable, "the registry \(registry) can't be used: \(url): \(HTTPSender.reason(error))")
        }
    }

    static func url(_ text: String) throws(OCIFailure) -> RequestURL {
        do throws(RequestURL.Malformed) {
            return try RequestURL(text)
        } catch {
            throw OCIFailure(.unreachable, "\(error)")
        }
    }

    /// Where the registry points to, which is never from HTTPS to HTTP.
    nonisolated func resolve(_ location: String, from url: RequestURL) throws(OCIFailure) -> RequestURL {
        let next: RequestURL
        do throws(RequestURL.Malformed) {
            next = try url.resolving(location)
        } catch {
            throw OCIFailure(.unreachable, "the registry \(registry) points nowhere: \(error)")
        }
        if url.isSecure, !next.isSecure {
            throw OCIFailure(.unreachable, "the registry \(registry) points from HTTPS to HTTP, to \(next)")
        }
        return next
    }

    /// The root of the registry, with a slash behind.
    ///
    /// Where plain HTTP is allowed TLS is tried first, for it may be there all the same.
    private func resolvedRoot() async throws -> RequestURL {
        if let root { return root }
        let secure = try Self.url("https://\(registry)/v2/")
        if RegistryPolicy.allowsPlainHTTP(secure.host.lowercased()) {
            do {
                let response = try await execute(HTTPClientRequest(url: secure.text), secure)
                try await drain(Response(response: response, url: secure))
            } catch let problem as OCIFailure {
                let plain = try Self.url("http://\(registry)/v2/")
                let response = try? await execute(HTTPClientRequest(url: plain.text), plain)
                try Task.checkCancellation()
                // A registry that speaks TLS says so to those who don't.
                guard let response, [200, 401, 403, 429].contains(response.status.code) else { throw problem }
                try await drain(Response(response: response, url: plain))
                root = plain
                return plain
            }
        }
        root = secure
        return secure
    }

    // MARK: Proving who asks

    /// Does what an answer asks for, so that the next request is allowed.
    private func meet(_ answer: Response, _ scopes: [String]) async throws {
        authorizations[scopes] = nil
        let challenges = answer.response.headers["WWW-Authenticate"].compactMap(RegistryChallenge.init)
        if let challenge = challenges.first(where: { $0.scheme == "bearer" }) {
            try await drain(answer)
            authorizations[scopes] = "Bearer \(try await token(challenge, scopes, isSecure: answer.url.isSecure))"
        } else if challenges.contains(where: { $0.scheme == "basic" }), basicAuthorization == nil {
            guard let authorization = try authorization(isSecure: answer.url.isSecure, host: answer.url.host) else {
                throw await failure(answer, "asks for a user and a password")
            }
            try await drain(answer)
            basicAuthorization = authorization
        } else {
            throw await failure(answer, "doesn't take the credentials")
        }
    }

    /// User and password as basic authentication has them.
    func authorization(isSecure: Bool, host: String) throws(OCIFailure) -> String? {
        guard let credentials else { return nil }
        guard isSecure || policy.allowsCredentialsOverHTTP || RegistryPolicy.isThisMachine(host.lowercased()) else {
            throw OCIFailure(
                .unauthorized,
                "the registry \(registry) asks for credentials over plain HTTP; they are sent if "
                    + "ALLOW_CREDENTIALS_OVER_HTTP is true"
            )
        }
        return RequestURL.Credentials(name: credentials.username, password: credentials.password).authorization
    }
}
