import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1

/// Downloads a file.
struct HTTPDownloadStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct Pair: Decodable, Sendable {
            var name: String
            var value: String
        }

        var url: String
        var outPath: String
        var allowOverwrite: Bool?
        var headers: [Pair]?
        var queryParams: [Pair]?
        var insecureSkipTLSVerify: Bool?
        var timeout: String?
    }

    /// What became of the request.
    private enum Outcome: Sendable {
        case written
        case refused(status: Int)
        case announcedTooLarge(Int)
        case tooLarge
    }

    /// Ends the writing of a file that grows too large.
    private struct TooLarge: Error {}

    private static let defaultTimeout = Duration.seconds(300)

    static let kind = "http-download"
    static var schema: [UInt8] { PackageResources.http_download_json }

    let sender: HTTPSender
    /// The largest file, as in Kargo.
    var largestFile = 100 << 20

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let call: HTTPCall
        let timeout: Duration
        do {
            timeout = try config.timeout.nonEmpty.map { try GoDuration($0).duration } ?? Self.defaultTimeout
            var url = try RequestURL(config.url)
            if let parameters = config.queryParams, !parameters.isEmpty {
                url = try url.adding(parameters.map { ($0.name, $0.value) })
            }
            let headers = (config.headers ?? []).map { ($0.name, $0.value) }
            call = HTTPCall(method: .GET, url: url, headers: headers, body: [])
        } catch {
            return .erroredForGood("error building HTTP request: \(error)")
        }
        let target: OutputFile
        do {
            target = try await OutputFile(config.outPath, in: step.workDir, mayExist: config.allowOverwrite ?? false)
        } catch let refusal as OutputFile.Refusal {
            return .erroredForGood(refusal.description)
        }
        let route = HTTPSender.Route(trustsAnyCertificate: config.insecureSkipTLSVerify ?? false)
        do {
            let outcome = try await HTTPSender.within(timeout) { try await download(call, by: route, to: target) }
            return result(of: outcome, config)
        } catch let failure as HTTPSender.Failure {
            return .errored("error downloading file: \(failure)")
        }
    }

    private func download(_ call: HTTPCall, by route: HTTPSender.Route, to target: OutputFile) async throws -> Outcome {
        try await sender.send(call, by: route) { [largestFile] response in
            guard (200...299).contains(response.status.code) else { return .refused(status: Int(response.status.code)) }
            if let size = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), size > largestFile {
                return .announcedTooLarge(size)
            }
            do {
                return try await target.write { sink in
                    for try await part in response.body {
                        guard sink.count + part.readableBytes <= largestFile else { throw TooLarge() }
                        try await sink.write(part)
                    }
                    return .written
                }
            } catch is TooLarge {
                return .tooLarge
            }
        }
    }

    private func result(of outcome: Outcome, _ config: Config) -> StepResult {
        switch outcome {
        case .written: return .succeeded()
        case .refused(let status):
            let message = "HTTP request failed with status code \(status)"
            return StepResult(status: .failed, message: message, failure: .retryable(message))
        case .announcedTooLarge(let size):
            return .failed("the file has \(size) bytes, which exceeds the limit of \(largestFile) bytes")
        case .tooLarge:
            return .errored("error downloading file: it exceeds the limit of \(largestFile) bytes")
        }
    }
}
