import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Signs requests to AWS by its Signature Version 4.
struct AWSSignature: Sendable {
    /// A key of AWS.
    struct Key: Sendable, Hashable {
        let id: String
        let secret: String
        /// What goes with a key that was lent.
        var sessionToken: String?
    }

    let key: Key
    let region: String
    let service: String

    /// The request with its signature.
    ///
    /// - Parameters:
    ///   - request: The request; its URL has no query, and nothing in it that has to be encoded.
    ///   - moment: The time.
    /// - Returns: The request with the headers `Host`, `X-Amz-Date` and `Authorization`, and that of a lent key.
    func sign(_ request: CloudRequest, at moment: Date) -> CloudRequest {
        let (day, time) = Self.stamp(moment)
        var request = request
        let rest = request.url.split(separator: "//", maxSplits: 1).last ?? ""
        let host = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(host.count)
        request.headers.append(CloudRequest.Header(name: "Host", value: String(host)))
        request.headers.append(CloudRequest.Header(name: "X-Amz-Date", value: time))
        if let token = key.sessionToken {
            request.headers.append(CloudRequest.Header(name: "X-Amz-Security-Token", value: token))
        }
        let headers = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .sorted { $0.name < $1.name }
        let names = headers.map(\.name).joined(separator: ";")
        let canonical = [
            request.method, path.isEmpty ? "/" : String(path), "",
            headers.map { "\($0.name):\($0.value)\n" }.joined(), names, Digest.sha256(request.body).hexadecimal,
        ]
        .joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(Digest.sha256(canonical.utf8).hexadecimal)"
        var signingKey = Array("AWS4\(key.secret)".utf8)
        for part in [day, region, service, "aws4_request", text] {
            signingKey = Digest.hmacSHA256(key: signingKey, message: part.utf8)
        }
        let value =
            "AWS4-HMAC-SHA256 Credential=\(key.id)/\(scope), SignedHeaders=\(names), Signature=\(signingKey.hexadecimal)"
        request.headers.append(CloudRequest.Header(name: "Authorization", value: value))
        return request
    }

    /// The day and the time as AWS writes them: `20150830` and `20150830T123600Z`.
    private static func stamp(_ moment: Date) -> (day: String, time: String) {
        let digits = KubernetesTime(moment).description.filter { $0 != "-" && $0 != ":" }
        return (String(digits.prefix(8)), digits)
    }
}
