import KargoCore

extension KustomizationStage {
    /// Where charts are if a kustomization does not say.
    private static let standardChartHome = "charts"
    private static let globalFields: Set<String> = ["chartHome", "configHome"]
    private static let chartFields: Set<String> = [
        "additionalValuesFiles", "apiVersions", "debug", "devel", "includeCRDs", "kubeVersion", "name", "nameTemplate",
        "namespace", "releaseName", "repo", "skipHooks", "skipTests", "valuesFile", "valuesInline", "valuesMerge",
        "version",
    ]

    /// Copies charts and their values.
    mutating func rewriteHelm(_ members: inout [String: JSONValue], at place: Place) throws {
        guard let charts = members["helmCharts"]?.arrayValue, !charts.isEmpty else {
            members["helmCharts"] = nil
            members["helmGlobals"] = nil
            return
        }
        noteHelm()
        var globals = members["helmGlobals"]?.objectValue ?? [:]
        try refuse(Set(globals.keys).subtracting(Self.globalFields), "helmGlobals")
        try copyHomes(&globals, at: place)
        members["helmGlobals"] = .object(globals)
        members["helmCharts"] = .array(
            try charts.map { chart in
                var chart = chart.objectValue ?? [:]
                try rewriteChart(&chart, at: place)
                return .object(chart)
            }
        )
    }

    /// The same as a plugin of its own.
    mutating func chartGenerator(_ members: [String: JSONValue], at place: Place) throws -> [String: JSONValue] {
        noteHelm()
        var members = members
        let outer = members.filter { ["apiVersion", "kind", "metadata"].contains($0.key) }
        var globals = members.filter { Self.globalFields.contains($0.key) }
        for field in Array(outer.keys) + Array(globals.keys) { members[field] = nil }
        try copyHomes(&globals, at: place)
        try rewriteChart(&members, at: place)
        return outer.merging(globals) { first, _ in first }.merging(members) { first, _ in first }
    }

    private mutating func copyHomes(_ globals: inout [String: JSONValue], at place: Place) throws {
        if let home = globals["configHome"]?.stringValue, !home.isEmpty {
            globals["configHome"] = .string(try tree(home, from: place))
        }
        let home = globals["chartHome"]?.stringValue ?? ""
        globals["chartHome"] = .string(try tree(home.isEmpty ? Self.standardChartHome : home, from: place))
    }

    private mutating func rewriteChart(_ chart: inout [String: JSONValue], at place: Place) throws {
        try refuse(Set(chart.keys).subtracting(Self.chartFields), "helmCharts")
        for (field, value) in chart.sorted(by: { $0.key < $1.key }) where field != "valuesInline" {
            let texts = value.arrayValue?.compactMap(\.stringValue) ?? [value.stringValue].compactMap { $0 }
            // helm would take it for an option.
            if texts.contains(where: { $0.hasPrefix("-") }) {
                throw KustomizationProblem(description: "the \(field) of a chart begins with \"-\"")
            }
        }
        for field in ["name", "version"] {
            let names = (chart[field]?.stringValue ?? "").split(separator: "/", omittingEmptySubsequences: false)
            if names.contains("..") || names.count > 1 && names.first == "" {
                throw KustomizationProblem(description: "the \(field) of a chart is a path")
            }
        }
        if let path = chart["valuesFile"]?.stringValue, !path.isEmpty {
            chart["valuesFile"] = .string(try file(path, from: place))
        }
        if let paths = chart["additionalValuesFiles"]?.arrayValue {
            chart["additionalValuesFiles"] = .array(
                try paths.compactMap(\.stringValue).map { .string(try file($0, from: place)) }
            )
        }
    }

    private func refuse(_ fields: Set<String>, _ place: String) throws {
        if let field = fields.min() {
            throw KustomizationProblem(description: "the field \(place).\(field) is not supported")
        }
    }
}
