/// The functions that look for artifacts in the Freight that a Stage has after a Promotion.
struct FreightFunctions: Sendable {
    let promotion: PromotionContext
    let data: any ExpressionData

    var functions: [ExpressionFunction] {
        [
            ExpressionFunction("warehouse", arity: 1...1) { arguments in
                FreightOrigin(name: try arguments.name(at: 0)).record
            },
            ExpressionFunction("commitFrom", arity: 1...2) { arguments in
                let url = RepositoryURL.normalizedGit(try arguments.string(at: 0))
                return try await find(
                    arguments,
                    origin: arguments.origin(at: 1),
                    subscribed: { $0.kind == "git" && RepositoryURL.normalizedGit($0.repoURL) == url },
                    in: { $0.commits.first { RepositoryURL.normalizedGit($0.repoURL) == url }?.record }
                )
            },
            ExpressionFunction("imageFrom", arity: 1...2) { arguments in
                let url = try arguments.string(at: 0)
                return try await find(
                    arguments,
                    origin: arguments.origin(at: 1),
                    subscribed: { $0.kind == "image" && $0.repoURL == url },
                    in: { $0.images.first { $0.repoURL == url }?.record }
                )
            },
            ExpressionFunction("chartFrom", arity: 1...3) { arguments in try await chart(arguments) },
            ExpressionFunction("artifactFrom", arity: 1...2) { arguments in
                let name = try arguments.name(at: 0)
                return try await find(
                    arguments,
                    origin: arguments.origin(at: 1),
                    subscribed: { !["git", "image", "chart"].contains($0.kind) && $0.name == name },
                    in: { $0.artifacts.first { $0.subscriptionName == name }?.record }
                )
            },
        ]
    }

    /// The second argument is the chart's name or an origin.
    private func chart(_ arguments: ExpressionArguments) async throws -> ExpressionValue {
        let url = try arguments.string(at: 0)
        var name = ""
        var origin: FreightOrigin?
        if arguments.count == 3 {
            name = try arguments.name(at: 1)
            origin = try arguments.origin(at: 2)
        } else if case .string(let text) = arguments[1] {
            name = text
        } else if arguments.count == 2 {
            origin = try arguments.origin(at: 1, orElse: "the chart's name or ")
        }
        let source = try await resolve(arguments, origin) {
            $0.kind == "chart" && $0.repoURL == url && $0.chartName == name
        }
        guard let source else {
            throw ExpressionError(
                "no Warehouse that the Stage takes Freight from subscribes to the chart; check its repository and name"
            )
        }
        return artifact(from: source) { $0.charts.first { $0.repoURL == url && $0.name == name }?.record }
    }

    private func find(
        _ arguments: ExpressionArguments,
        origin: FreightOrigin?,
        subscribed: (WarehouseSubscription) -> Bool,
        in artifact: (FreightReference) -> ExpressionValue?
    ) async throws -> ExpressionValue {
        guard let source = try await resolve(arguments, origin, subscribed) else { return .null }
        return self.artifact(from: source, artifact)
    }

    /// The first artifact of the Freight from an origin that matches.
    private func artifact(
        from origin: FreightOrigin,
        _ artifact: (FreightReference) -> ExpressionValue?
    ) -> ExpressionValue {
        for (_, freight) in promotion.freight.items.sorted(by: { $0.key < $1.key }) where freight.origin == origin {
            if let found = artifact(freight) { return found }
        }
        return .null
    }

    /// The origin that is meant: the one that is named, else the one whose Warehouse subscribes to the artifact.
    private func resolve(
        _ arguments: ExpressionArguments,
        _ origin: FreightOrigin?,
        _ subscribed: (WarehouseSubscription) -> Bool
    ) async throws -> FreightOrigin? {
        if let origin { return origin }
        var found: FreightOrigin?
        for request in promotion.freightRequests {
            guard let warehouse = try await data.warehouse(request.origin.name, project: promotion.project) else {
                throw ExpressionError(
                    "there is no Warehouse \"\(request.origin.name)\" in Project \"\(promotion.project)\", from which the "
                        + "Stage takes Freight"
                )
            }
            for subscription in warehouse.spec.subscriptions where subscribed(subscription) {
                if let found {
                    let sources =
                        found == request.origin
                        ? "Warehouse \"\(found.name)\" subscribes to it twice"
                        : "Warehouses \"\(found.name)\" and \"\(request.origin.name)\" subscribe to it"
                    throw ExpressionError(
                        "\(arguments.functionName)() can't tell which artifact is meant: \(sources); add an argument "
                            + "warehouse(\"…\")"
                    )
                }
                found = request.origin
            }
        }
        return found
    }
}

extension ExpressionArguments {
    /// An argument that must be what `warehouse()` gives; nil if the call has none.
    fileprivate func origin(at index: Int, orElse other: String = "") throws(ExpressionError) -> FreightOrigin? {
        guard index < count else { return nil }
        guard case .record(let record) = self[index], record.typeName == FreightOrigin.recordType,
            let kind = record["Kind"]?.stringValue, let name = record["Name"]?.stringValue
        else { throw mismatch(at: index, expected: "\(other)a Warehouse; write warehouse(\"…\")") }
        return FreightOrigin(kind: kind, name: name)
    }
}

// MARK: Structures

/// The fields as Go names them; those that Go leaves out of JSON when they are empty are left out here.
extension FreightOrigin {
    static let recordType = "v1alpha1.FreightOrigin"

    var record: ExpressionValue {
        .record(
            ExpressionRecord(
                typeName: Self.recordType,
                fields: [
                    ExpressionRecord.Field("Kind", jsonName: "kind", .string(kind)),
                    ExpressionRecord.Field("Name", jsonName: "name", .string(name)),
                ]
            )
        )
    }
}

extension ExpressionRecord {
    /// What `type()` says of a pointer.
    fileprivate static let pointer = "unknown"

    fileprivate static func pointer(to fields: [Field]) -> ExpressionValue {
        .record(ExpressionRecord(typeName: pointer, fields: fields))
    }
}

extension ExpressionRecord.Field {
    fileprivate static func text(_ name: String, _ jsonName: String, _ text: String) -> Self {
        Self(name, jsonName: text.isEmpty ? nil : jsonName, .string(text))
    }
}

extension GitCommit {
    fileprivate var record: ExpressionValue {
        ExpressionRecord.pointer(
            to: [
                .text("RepoURL", "repoURL", repoURL), .text("ID", "id", id), .text("Branch", "branch", branch),
                .text("Tag", "tag", tag), .text("Message", "message", message), .text("Author", "author", author),
                .text("Committer", "committer", committer),
                .text("SubscriptionName", "subscriptionName", subscriptionName),
            ]
        )
    }
}

extension Image {
    fileprivate var record: ExpressionValue {
        let annotations = ExpressionRecord.Field(
            "Annotations",
            jsonName: annotations.isEmpty ? nil : "annotations",
            .map(ExpressionMap(texts: annotations))
        )
        return ExpressionRecord.pointer(
            to: [
                .text("RepoURL", "repoURL", repoURL), .text("Tag", "tag", tag), .text("Digest", "digest", digest),
                annotations, .text("SubscriptionName", "subscriptionName", subscriptionName),
            ]
        )
    }
}

extension Chart {
    fileprivate var record: ExpressionValue {
        ExpressionRecord.pointer(
            to: [
                .text("RepoURL", "repoURL", repoURL), .text("Name", "name", name), .text("Version", "version", version),
                .text("SubscriptionName", "subscriptionName", subscriptionName),
            ]
        )
    }
}

extension ArtifactReference {
    /// Kargo gives this structure no names for JSON.
    fileprivate var record: ExpressionValue {
        let metadata = ExpressionValue(metadata ?? .null, numbers: .floating)
        return ExpressionRecord.pointer(
            to: [
                ExpressionRecord.Field("ArtifactType", jsonName: "ArtifactType", .string(artifactType)),
                ExpressionRecord.Field("SubscriptionName", jsonName: "SubscriptionName", .string(subscriptionName)),
                ExpressionRecord.Field("Version", jsonName: "Version", .string(version)),
                ExpressionRecord.Field("Metadata", jsonName: "Metadata", metadata),
            ]
        )
    }
}
