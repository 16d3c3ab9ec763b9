import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient

/// The Freight that a command is about.
struct FreightOptions: ParsableArguments {
    @Option(help: "The name of the Freight.")
    var freight: String?

    @Option(help: "The alias of the Freight.")
    var freightAlias: String?

    /// How many ways of naming Freight were used; it should be one.
    var count: Int { [freight, freightAlias].count { $0 != nil } }

    func freight(of objects: KargoObjects, project: String) async throws -> Freight {
        do {
            if let freight { return try await objects.freight(freight, project: project) }
            return try await objects.freight(alias: freightAlias ?? "", project: project)
        } catch let error as KubernetesError where error.code == .notFound {
            let meant = freight.map { "\"\($0)\"" } ?? "with the alias \"\(freightAlias ?? "")\""
            throw CommandError(
                "there is no Freight \(meant) in Project \"\(project)\"; \(objects.listing("freight", project))"
            )
        }
    }
}

extension KargoObjects {
    /// A Stage that a command names.
    func namedStage(_ name: String, project: String) async throws -> Stage {
        do {
            return try await stage(name, project: project)
        } catch let error as KubernetesError where error.code == .notFound {
            throw CommandError(
                "there is no Stage \"\(name)\" in Project \"\(project)\"; \(listing("stages", project))"
            )
        }
    }

    /// A Promotion that a command names.
    func namedPromotion(_ name: String, project: String) async throws -> Promotion {
        do {
            return try await promotion(name, project: project)
        } catch let error as KubernetesError where error.code == .notFound {
            throw CommandError(
                "there is no Promotion \"\(name)\" in Project \"\(project)\"; \(listing("promotions", project))"
            )
        }
    }

    /// How a user finds what there is.
    fileprivate func listing(_ kind: String, _ project: String) -> String {
        if api is ManifestAPI { return "it is in none of the files" }
        return "\"kargo get \(kind) -p \(project)\" lists \(kind == "freight" ? "it" : "them")"
    }
}
