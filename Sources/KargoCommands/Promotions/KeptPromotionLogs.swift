import KargoCore
import KubernetesClient

/// What the steps of a Promotion have written, as it was kept when each ended.
struct KeptPromotionLogs {
    let promotion: Promotion
    let data: [String: String]
    var write: @Sendable (String) -> Void = Console.write

    /// Finds what was kept; nil if nothing was.
    init?(api: any KubernetesAPI, promotion: Promotion) async throws {
        let name = KargoAPI.StepLogs.name(promotionUID: promotion.metadata.uid)
        do {
            let value = try await api.get(.configMaps, namespace: promotion.metadata.namespace, name: name)
            data = try JSONValueDecoder().decode(ConfigMap.self, from: value).data
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
        self.promotion = promotion
    }

    /// Prints the log of one step, or of all steps.
    func print(step alias: String?) throws(CommandError) {
        let aliases = promotion.stepAliases
        let steps = if let alias { [try promotion.index(ofStep: alias)] } else { Array(aliases.indices) }
        let width = aliases.map(\.count).max() ?? 0
        for step in steps {
            let prefix = alias == nil ? aliases[step].padded(to: width) + " | " : ""
            for line in (data[KargoAPI.StepLogs.key(step: step)] ?? "").split(whereSeparator: \.isNewline) {
                write(prefix + line + "\n")
            }
        }
    }
}

extension Promotion {
    /// The aliases of the steps, as Kargo names those that have none.
    var stepAliases: [String] {
        spec.steps.enumerated().map { $1.as.isEmpty ? "step-\($0 + 1)" : $1.as }
    }

    /// Finds a step.
    func index(ofStep alias: String) throws(CommandError) -> Int {
        let aliases = stepAliases
        guard let index = aliases.firstIndex(of: alias) else {
            throw CommandError(
                "Promotion \"\(metadata.name)\" has no step \"\(alias)\"; it has "
                    + aliases.joined(separator: ", ")
            )
        }
        return index
    }
}
