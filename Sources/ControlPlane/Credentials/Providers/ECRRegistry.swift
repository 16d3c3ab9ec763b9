import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A registry of an account of AWS.
struct ECRRegistry: Sendable, Hashable {
    let account: String
    let region: String

    /// How long a password of ECR is remembered; it counts for twelve hours.
    static let lifetime = 10.0 * 3600

    /// Nothing if the address is not that of a repository in such a registry.
    init?(_ address: String) {
        guard let slash = address.firstIndex(of: "/") else { return nil }
        let parts = address[..<slash].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].utf8.count == 12, parts[0].utf8.allSatisfy(Self.isDigit),
            parts[1] == "dkr", parts[2] == "ecr", parts[4] == "amazonaws", parts[5] == "com", Self.isRegion(parts[3])
        else { return nil }
        account = String(parts[0])
        region = String(parts[3])
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether a text is like `eu-west-1`; it becomes part of a host's name.
    static func isRegion(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                isDigit($0) || $0 == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }

    /// Asks ECR for a password.
    ///
    /// - Returns: The password; nil if the key does not allow it.
    /// - Throws: ``CredentialsFailure``, `CancellationError`.
    static func password(
        _ key: AWSSignature.Key,
        region: String,
        _ cloud: CloudAccess
    ) async throws -> RepositoryCredentials? {
        let purpose = "get a password of ECR in \(region)"
        let request = CloudRequest(
            "POST",
            "https://api.ecr.\(region).amazonaws.com/",
            headers: [
                ("Content-Type", "application/x-amz-json-1.1"),
                ("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"),
            ],
            body: Array("{}".utf8)
        )
        let signature = AWSSignature(key: key, region: region, service: "ecr")
        let response = try await cloud.send(signature.sign(request, at: cloud.now()), to: purpose)
        if response.status == 403 || response.isDenied { return nil }
        let answer = try cloud.object(response, to: purpose)
        guard let token = answer["authorizationData"]?.arrayValue?.first?["authorizationToken"]?.stringValue,
            let data = Data(base64Encoded: token), let text = String(validating: data, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { throw CredentialsFailure("can't \(purpose): there is none in the answer") }
        return RepositoryCredentials(
            username: String(text[..<colon]),
            password: String(text[text.index(after: colon)...])
        )
    }
}

extension CloudResponse {
    /// Whether AWS denies access, which its services with JSON say with status 400.
    fileprivate var isDenied: Bool {
        guard status == 400, let type = try? JSONValue(parsing: body)["__type"]?.stringValue else { return false }
        return type.hasSuffix("AccessDeniedException")
    }
}
