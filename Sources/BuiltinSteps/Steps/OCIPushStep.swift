import KargoCore

/// Copies an artifact from one repository to another, or gives it another tag.
struct OCIPushStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var srcRef: String
        var destRef: String
        var annotations: [String: String]?
        var insecureSkipTLSVerify: Bool?
    }

    static let kind = "oci-push"
    static var schema: [UInt8] { PackageResources.oci_push_json }

    /// The largest artifact that is copied between repositories, as in Kargo.
    static let standardLimit = SizeLimit.atMost(1 << 30)

    let access: OCIAccess
    var limit = standardLimit

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let (source, destination): (OCIReference, OCIReference)
        let tag: String
        do throws(OCIReference.Malformed) {
            source = try OCIReference(config.srcRef)
            destination = try OCIReference(config.destRef)
            guard case .tag(let name) = destination.version else {
                throw OCIReference.Malformed(description: "destRef must have a tag, not a digest")
            }
            tag = name
        } catch {
            return .failed("invalid oci-push config: \(error)")
        }
        let route = HTTPSender.Route(trustsAnyCertificate: config.insecureSkipTLSVerify ?? false)
        do {
            let digest = try await OriginClients.with(access.sender, by: route) { clients in
                let project = step.promotion.project
                let near = source.sharesRepository(with: destination)
                let from = try await access.repository(of: source, project: project, clients: clients)
                let to = try await access.repository(of: destination, project: project, clients: clients)
                let tree = try await ImageTree.load(source.version, from: from)
                if !near { try check(tree) }
                let annotated = try ManifestAnnotations(config.annotations ?? [:]).applied(to: tree)
                try await annotated.push(to: to, tag: tag, blobsFrom: near ? nil : from)
                return annotated.manifest.digest
            }
            return .succeeded(
                output: [
                    "image": .string(destination.description),
                    "digest": .string(digest.description),
                    "tag": .string(tag),
                ]
            )
        } catch let failure as OCIFailure {
            return failure.result("error pushing \(source) to \(destination)")
        }
    }

    private func check(_ tree: ImageTree) throws(OCIFailure) {
        if case .atMost(0) = limit {
            throw OCIFailure(.tooLarge, "copying between repositories is forbidden by MAX_OCI_PUSH_ARTIFACT_SIZE")
        }
        guard limit.allows(tree.size) else {
            throw OCIFailure(
                .tooLarge,
                "the artifact has \(tree.size) bytes, which exceeds the limit of \(limit) bytes"
            )
        }
    }
}
