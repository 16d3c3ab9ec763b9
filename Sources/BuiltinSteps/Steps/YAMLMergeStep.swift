import KargoCore

/// Merges YAML files into one.
struct YAMLMergeStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var inFiles: [String]
        var outFile: String
        var ignoreMissingFiles: Bool?
    }

    static let kind = "yaml-merge"
    static var schema: [UInt8] { PackageResources.yaml_merge_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let merged: [String]
        do {
            merged = try await Cancellation.blocking { cancellation in
                let workDirectory = try WorkDirectory(step.workDir)
                var names: [String] = []
                var texts: [String] = []
                for name in config.inFiles {
                    do {
                        texts.append(
                            try workDirectory.readText(name, limit: DocumentLimits.largestMergedFile, cancellation)
                        )
                        names.append(name)
                    } catch let error as FileError where error.code == .missing && config.ignoreMissingFiles == true {
                        continue
                    }
                }
                let result = try YAMLMerge.merge(texts)
                try cancellation.check()
                let (directory, name) = try workDirectory.locate(config.outFile).makingParents("write")
                try directory.writeFile(name, text: result, permissions: .kept)
                return result.isEmpty ? [] : names
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("could not merge YAML files: \(error)")
        }
        guard !merged.isEmpty else { return .succeeded() }
        let message =
            merged.count == 1
            ? "Wrote \(merged[0]) to \(config.outFile)"
            : "Merged \(merged.count) YAML files to \(config.outFile)\n" + merged.map { "\n- \($0)" }.joined()
        return .succeeded(output: ["commitMessage": .string(message)])
    }
}
