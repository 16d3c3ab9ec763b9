import KargoCore
import NIOCore

/// Downloads a layer of an artifact from a registry.
struct OCIDownloadStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var imageRef: String
        var outPath: String
        var allowOverwrite: Bool?
        var mediaType: String?
        var insecureSkipTLSVerify: Bool?
    }

    static let kind = "oci-download"
    static var schema: [UInt8] { PackageResources.oci_download_json }

    /// The largest layer, as in Kargo.
    static let standardLimit = SizeLimit.atMost(100 << 20)

    let access: OCIAccess
    var limit = standardLimit

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let reference: OCIReference
        let target: OutputFile
        do {
            reference = try OCIReference(config.imageRef)
            target = try await OutputFile(config.outPath, in: step.workDir, mayExist: config.allowOverwrite ?? false)
        } catch let malformed as OCIReference.Malformed {
            return .failed("\(malformed)")
        } catch let refusal as OutputFile.Refusal {
            return .erroredForGood(refusal.description)
        }
        let route = HTTPSender.Route(trustsAnyCertificate: config.insecureSkipTLSVerify ?? false)
        do {
            try await OriginClients.with(access.sender, by: route) { clients in
                let repository = try await access.repository(
                    of: reference,
                    project: step.promotion.project,
                    clients: clients
                )
                try await download(reference, mediaType: config.mediaType.nonEmpty, from: repository, to: target)
            }
        } catch let failure as OCIFailure {
            return failure.result("error downloading \(reference)")
        }
        return .succeeded()
    }

    private func download(
        _ reference: OCIReference,
        mediaType: String?,
        from repository: RegistryRepository,
        to target: OutputFile
    ) async throws {
        guard case .image(_, let layers) = try await repository.image(reference.version).content else { return }
        let layer = mediaType.map { type in layers.first { $0.mediaType == type } } ?? layers.first
        guard let layer else {
            let kind = mediaType.map { " of the media type \"\($0)\"" } ?? ""
            throw OCIFailure(.missing, "it has no layer\(kind)")
        }
        guard limit.allows(layer.size) else {
            throw OCIFailure(.tooLarge, "the layer has \(layer.size) bytes, which exceeds the limit of \(limit) bytes")
        }
        let content = try await repository.content(of: layer)
        try await target.write { sink in
            for try await part in content { try await sink.write(part) }
        }
    }
}
