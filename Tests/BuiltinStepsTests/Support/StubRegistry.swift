import KargoCore
import NIOHTTP1
import Synchronization

@testable import BuiltinSteps

/// An artifact made by hand.
struct TestImage: Sendable {
    static let layerType = "application/vnd.oci.image.layer.v1.tar+gzip"

    var blobs: [String: [UInt8]] = [:]
    let type: String
    let manifest: [UInt8]

    var digest: String { OCIDigest(of: manifest).description }

    /// The document of the manifest.
    var document: JSONValue { get throws { try JSONValue(parsing: manifest) } }

    private init(type: String, document: JSONValue, blobs: [String: [UInt8]]) {
        self.init(type: type, manifest: document.serialized([.sortedKeys]))
        self.blobs = blobs
    }

    private init(type: String, manifest: [UInt8]) {
        self.type = type
        self.manifest = manifest
    }

    /// An image with this manifest.
    static func raw(_ manifest: [UInt8]) -> TestImage {
        TestImage(type: OCIManifest.MediaType.ociManifest, manifest: manifest)
    }

    /// An image of these layers, given with their media types.
    static func image(
        _ layers: (type: String, content: [UInt8])...,
        type: String = OCIManifest.MediaType.ociManifest,
        annotations: [String: JSONValue]? = nil
    ) -> TestImage {
        image(layers, type: type, annotations: annotations)
    }

    /// An image of these layers, given with their media types.
    static func image(
        _ layers: [(type: String, content: [UInt8])],
        type: String = OCIManifest.MediaType.ociManifest,
        annotations: [String: JSONValue]? = nil
    ) -> TestImage {
        let config = ("application/vnd.cncf.helm.config.v1+json", Array("{\"name\":\"x\"}".utf8))
        var blobs: [String: [UInt8]] = [:]
        let describe = { (type: String, content: [UInt8]) -> JSONValue in
            let digest = OCIDigest(of: content).description
            blobs[digest] = content
            return ["mediaType": .string(type), "digest": .string(digest), "size": .int(Int64(content.count))]
        }
        var document: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(type), "config": describe(config.0, config.1),
            "layers": .array(layers.map { describe($0.type, $0.content) }),
        ]
        if let annotations { document["annotations"] = .object(annotations) }
        return TestImage(type: type, document: document, blobs: blobs)
    }

    /// An image of one layer of text.
    static func text(_ text: String) -> TestImage { image((layerType, Array(text.utf8))) }

    /// An index of images and what says for which platform each is.
    static func index(_ children: [(image: TestImage, platform: JSONValue?)]) -> TestImage {
        let type = OCIManifest.MediaType.ociIndex
        let descriptors = children.map { image, platform -> JSONValue in
            var descriptor: JSONValue = [
                "mediaType": .string(image.type), "digest": .string(image.digest),
                "size": .int(Int64(image.manifest.count)),
            ]
            if let platform { descriptor["platform"] = platform }
            return descriptor
        }
        let document: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(type), "manifests": .array(descriptors),
        ]
        return TestImage(type: type, document: document, blobs: [:])
    }
}

/// A registry of this process, whose blobs are text.
final class StubRegistry: Sendable {
    private struct State {
        var manifests: [String: (type: String, bytes: [UInt8])] = [:]
        var blobs: [String: [UInt8]] = [:]
        var uploads: [String: String] = [:]
        var uploadCount = 0
    }

    private let state = Mutex(State())
    /// What answers in place of the registry; nil lets it answer itself.
    private let intercept: @Sendable (StubServer.Request) -> StubServer.Response?

    init(intercept: @escaping @Sendable (StubServer.Request) -> StubServer.Response? = { _ in nil }) {
        self.intercept = intercept
    }

    var answer: StubServer.Answer { .by { self.intercept($0) ?? self.respond(to: $0) } }

    /// Puts an artifact under a version, and under its digest.
    func add(_ image: TestImage, to repository: String, as version: String? = nil) {
        state.withLock { state in
            for name in [version, image.digest].compactMap(\.self) {
                state.manifests["\(repository)/\(name)"] = (image.type, image.manifest)
            }
            for (digest, content) in image.blobs { state.blobs["\(repository)/\(digest)"] = content }
        }
    }

    /// Puts something under the digest of something else.
    func replaceBlob(_ digest: String, of repository: String, by content: [UInt8]) {
        state.withLock { $0.blobs["\(repository)/\(digest)"] = content }
    }

    func manifest(_ version: String, of repository: String) -> [UInt8]? {
        state.withLock { $0.manifests["\(repository)/\(version)"]?.bytes }
    }

    func hasBlob(_ digest: String, in repository: String) -> Bool {
        state.withLock { $0.blobs["\(repository)/\(digest)"] != nil }
    }

    var manifestNames: [String] { state.withLock { $0.manifests.keys.sorted() } }

    private func respond(to request: StubServer.Request) -> StubServer.Response {
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.first == "v2" else { return .text("", status: 404) }
        if parts.count == 1 { return .text("{}") }
        if let place = parts.firstIndex(of: "manifests") {
            let name = "\(parts[1..<place].joined(separator: "/"))/\(parts[place + 1])"
            return respond(toManifest: name, request)
        }
        guard let place = parts.firstIndex(of: "blobs") else { return .text("", status: 404) }
        let repository = parts[1..<place].joined(separator: "/")
        if parts[place + 1] == "uploads" { return respond(toUpload: repository, parts, request) }
        guard let content = state.withLock({ $0.blobs["\(repository)/\(parts[place + 1])"] }) else {
            // What answers HEAD has no body.
            let error = "{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown\"}]}"
            return .text(request.method == .HEAD ? "" : error, status: 404)
        }
        return request.method == .HEAD ? .text("") : StubServer.Response(body: content)
    }

    private func respond(toManifest name: String, _ request: StubServer.Request) -> StubServer.Response {
        if request.method == .PUT {
            let type = request.headers.first(name: "content-type") ?? ""
            state.withLock { $0.manifests[name] = (type, Array(request.body.utf8)) }
            return .text("", status: 201)
        }
        guard let (type, bytes) = state.withLock({ $0.manifests[name] }) else {
            return .text("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}", status: 404)
        }
        return StubServer.Response(headers: [("content-type", type)], body: bytes)
    }

    private func respond(
        toUpload repository: String,
        _ parts: [String],
        _ request: StubServer.Request
    ) -> StubServer.Response {
        let query = FormQuery(String(request.uri.drop { $0 != "?" }.dropFirst()))
        let value = { (name: String) in
            query.encoded.split(separator: "&").first { $0.hasPrefix("\(name)=") }
                .map { $0.dropFirst(name.count + 1).split(separator: "%3A").joined(separator: ":") }
        }
        switch request.method {
        case .POST:
            if let digest = value("mount"), let from = value("from").map({ $0.split(separator: "%2F") }) {
                let source = from.joined(separator: "/")
                let isMounted = state.withLock { state in
                    guard let content = state.blobs["\(source)/\(digest)"] else { return false }
                    state.blobs["\(repository)/\(digest)"] = content
                    return true
                }
                if isMounted { return .text("", status: 201) }
            }
            let number = state.withLock { state in
                state.uploadCount += 1
                return state.uploadCount
            }
            let name = "/v2/\(repository)/blobs/uploads/\(number)?state=a%2Fb"
            return StubServer.Response(status: 202, headers: [("location", name)])
        case .PATCH:
            state.withLock { $0.uploads[request.path, default: ""] += request.body }
            return StubServer.Response(status: 202, headers: [("location", request.uri)])
        case .PUT:
            guard let digest = value("digest") else { return .text("", status: 400) }
            return state.withLock { state in
                let content = Array(((state.uploads.removeValue(forKey: request.path) ?? "") + request.body).utf8)
                guard OCIDigest(of: content).description == digest else { return .text("", status: 400) }
                state.blobs["\(repository)/\(digest)"] = content
                return .text("", status: 201)
            }
        default: return .text("", status: 405)
        }
    }
}

/// Knows the credentials of some repositories, and remembers what it was asked.
final class StubCredentials: CredentialsDatabase {
    private let known: [String: RepositoryCredentials]
    private let log = Mutex<[String]>([])

    var asked: [String] { log.withLock { $0 } }

    init(_ known: [String: RepositoryCredentials] = [:]) { self.known = known }

    func credentials(
        _ type: CredentialType,
        for url: String,
        project: String
    ) async throws -> RepositoryCredentials? {
        log.withLock { $0.append("\(type) \(url) \(project)") }
        return known[url]
    }
}
