import COpenSSL
import KargoCore
import KubernetesClient
import Logging
import Synchronization

@testable import ControlPlane

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Answers in place of GitHub and the clouds, and remembers what it was asked.
final class StubCloud: CloudTransport {
    struct Unreachable: Error {}

    private let answer: @Sendable (CloudRequest) -> CloudResponse?
    private let log = Mutex<[CloudRequest]>([])

    init(_ answer: @escaping @Sendable (CloudRequest) -> CloudResponse? = { _ in nil }) { self.answer = answer }

    var requests: [CloudRequest] { log.withLock { $0 } }
    var urls: [String] { requests.map(\.url) }

    func send(_ request: CloudRequest) async throws -> CloudResponse {
        log.withLock { $0.append(request) }
        guard let response = answer(request) else { throw Unreachable() }
        return response
    }
}

extension CloudRequest {
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

extension CloudResponse {
    static func text(_ text: String, status: Int = 200) -> CloudResponse {
        CloudResponse(status: status, body: Array(text.utf8))
    }
}

/// A database over Secrets and a cloud, with a clock of its own.
struct CredentialsFixture: Sendable {
    private final class State: Sendable {
        let now = Mutex(ProjectFixture.moment)
        let waits = Mutex<[Duration]>([])
    }

    let cloud: StubCloud
    private let database: ClusterCredentials
    private let state = State()

    var waits: [Duration] { state.waits.withLock { $0 } }

    /// Makes a database; the Secrets are in YAML.
    init(
        _ secrets: String...,
        environment: [String: String] = [:],
        isProjectOnly: Bool = false,
        cloud: StubCloud = StubCloud()
    ) throws {
        self.cloud = cloud
        let standard = ["CREDENTIAL_PROVIDERS_ENABLED": "true", "SHARED_RESOURCES_NAMESPACE": "shared"]
        let settings = try CredentialsSettings(environment: environment.merging(standard) { given, _ in given })
        database = ClusterCredentials(
            api: try ProjectFixture(secrets.map { (.secrets, $0) }),
            settings: isProjectOnly ? settings.projectOnly : settings,
            transport: cloud,
            now: { [state] in state.now.withLock { $0 } },
            sleep: { [state] pause in state.waits.withLock { $0.append(pause) } },
            logger: Logger(label: "test")
        )
    }

    func find(_ type: CredentialType, _ url: String, project: String = "demo") async throws -> RepositoryCredentials? {
        try await database.credentials(type, for: url, project: project)
    }

    /// The user of the credentials, by which tests tell Secrets apart.
    func user(_ type: CredentialType, _ url: String, project: String = "demo") async throws -> String? {
        try await find(type, url, project: project)?.username
    }

    func advance(minutes: Double) { state.now.withLock { $0 = $0.addingTimeInterval(minutes * 60) } }

    /// A Secret in YAML whose data is given as text.
    static func secret(
        _ name: String,
        namespace: String = "demo",
        type: CredentialType = .git,
        annotations: String = "{}",
        _ data: [String: String]
    ) -> String {
        let fields = data.sorted { $0.key < $1.key }
            .map { "\($0.key): \(Data($0.value.utf8).base64EncodedString())" }
        return """
            metadata:
              name: \(name)
              namespace: \(namespace)
              labels: {kargo.akuity.io/cred-type: \(type.rawValue)}
              annotations: \(annotations)
            data: {\(fields.joined(separator: ", "))}
            """
    }
}

/// A key of RSA.
enum TestKey {
    static let pem: String = {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        let output = BIO_new(BIO_s_mem())
        defer { BIO_free(output) }
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1, let key,
            PEM_write_bio_PrivateKey(output, key, nil, nil, 0, nil, nil) == 1
        else { return "" }
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(output)))
        let count = BIO_read(output, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
    }()

    /// The claims of a token that the key has signed; nil if it has not.
    static func claims(_ token: String) -> JSONValue? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let signature = decoded(parts[2]), let claims = decoded(parts[1]) else { return nil }
        let key = Array(pem.utf8)
            .withUnsafeBytes { bytes in
                let input = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count))
                defer { BIO_free(input) }
                return PEM_read_bio_PrivateKey(input, nil, nil, nil)
            }
        defer { EVP_PKEY_free(key) }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let content = Array("\(parts[0]).\(parts[1])".utf8)
        guard EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1,
            EVP_DigestVerify(context, signature, signature.count, content, content.count) == 1
        else { return nil }
        return try? JSONValue(parsing: claims)
    }

    private static func decoded(_ text: Substring) -> [UInt8]? {
        var text = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while text.utf8.count % 4 != 0 { text += "=" }
        return Data(base64Encoded: text).map(Array.init)
    }
}
