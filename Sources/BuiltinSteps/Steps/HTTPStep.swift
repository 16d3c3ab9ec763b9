import KargoCore
import NIOHTTP1

/// Sends an HTTP request and decides by the response.
struct HTTPStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct Pair: Decodable, Sendable {
            var name: String
            var value: String
        }

        var method: String?
        var url: String
        var headers: [Pair]?
        var queryParams: [Pair]?
        var body: String?
        var bodyFromFile: String?
        var insecureSkipTLSVerify: Bool?
        var proxy: String?
        var timeout: String?
        var pollInterval: String?
        var responseContentType: String?
        var successExpression: String?
        var failureExpression: String?
        var errorExpression: String?
        var outputs: [OutputExpression]?
    }

    private static let defaultTimeout = Duration.seconds(10)
    private static let defaultPollInterval = Duration.seconds(30)

    static let kind = "http"
    static var schema: [UInt8] { PackageResources.http_json }

    let sender: HTTPSender

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let call: HTTPCall
        let route: HTTPSender.Route
        let (timeout, pollInterval): (Duration, Duration)
        do {
            timeout = try Self.duration(config.timeout, default: Self.defaultTimeout)
            pollInterval = try Self.duration(config.pollInterval, default: Self.defaultPollInterval)
            call = try await Self.call(step, config)
            route = HTTPSender.Route(
                proxy: try config.proxy.nonEmpty.map(HTTPProxy.init),
                trustsAnyCertificate: config.insecureSkipTLSVerify ?? false
            )
        } catch let error as CancellationError {
            throw error
        } catch {
            return .erroredForGood("error building HTTP request: \(error)")
        }
        let reply: HTTPReply
        do {
            reply = try await Self.limited(to: timeout) { [sender] in try await sender.send(call, by: route) }
        } catch let failure as HTTPSender.Failure {
            return .errored("error sending HTTP request: \(failure)")
        }
        do {
            let response = try ResponseEnvironment(reply, contentType: config.responseContentType.nonEmpty)
            return try await ResponseVerdict(status: reply.status, environment: response.environment)
                .result(config, pollInterval: pollInterval)
        } catch let error as ResponseEnvironment.Malformed {
            return .errored("error reading HTTP response: \(error)")
        }
    }

    private static func duration(_ text: String?, default standard: Duration) throws(ValueError) -> Duration {
        guard let text = text.nonEmpty else { return standard }
        return try GoDuration(text).duration
    }

    private static func call(_ step: StepContext, _ config: Config) async throws -> HTTPCall {
        var url = try RequestURL(config.url)
        if let parameters = config.queryParams, !parameters.isEmpty {
            url = try url.adding(parameters.map { ($0.name, $0.value) })
        }
        var body = Array((config.body ?? "").utf8)
        if let path = config.bodyFromFile.nonEmpty {
            body = try await Cancellation.blocking { cancellation in
                try WorkDirectory(step.workDir).readFile(path, limit: HTTPSender.largestBody, cancellation)
            }
        }
        return HTTPCall(
            method: HTTPMethod(rawValue: config.method.nonEmpty ?? "GET"),
            url: url,
            headers: (config.headers ?? []).map { ($0.name, $0.value) },
            body: body
        )
    }

    /// Does work in a given time; none is for ever, as in Go.
    private static func limited(
        to timeout: Duration,
        _ work: @escaping @Sendable () async throws -> HTTPReply
    ) async throws -> HTTPReply {
        guard timeout > .zero else { return try await work() }
        return try await withThrowingTaskGroup(of: HTTPReply.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await ContinuousClock().sleep(for: timeout)
                throw HTTPSender.Failure(description: "there was no answer within \(GoDuration(timeout))")
            }
            defer { group.cancelAll() }
            guard let reply = try await group.next() else { throw CancellationError() }
            return reply
        }
    }
}
