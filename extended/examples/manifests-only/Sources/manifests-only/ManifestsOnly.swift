import ArgoCompat
import Foundation

/// Prints the ConfigMap of a plugin manifest.
@main
enum ManifestsOnly {
    static func main() throws {
        let path = CommandLine.arguments.dropFirst().first ?? "plugin.yaml"
        let manifest = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let build = try StepPluginBuild(manifest: manifest, server: nil)
        for warning in build.warnings { FileHandle.standardError.write(Data("Warning: \(warning)\n".utf8)) }
        print(build.configMap, terminator: "")
    }
}
