import ArgoCompat
import ArgumentParser
import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct StepPluginBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Turn plugin.yaml and server.* into a ConfigMap.",
        discussion: """
            Reads DIR/plugin.yaml and, if there is one, DIR/server.*, whose text becomes the container's only \
            argument. Writes DIR/<name>-step-plugin-configmap.yaml, which installs the plugin when it is applied to \
            the namespace of a Project or to the one for all Projects, and DIR/README.md.
            """
    )

    @Argument(help: "The plugin's directory.", completion: .directory)
    var dir: String

    @Option(name: .shortAndLong, help: "Where to write: a directory, or - to print the ConfigMap and write nothing.")
    var output: String?

    @Flag(help: "Overwrite a README.md that was written by hand.")
    var force = false

    func run() async throws {
        let directory = PluginDirectory(path: dir)
        let build: StepPluginBuild
        do {
            build = try StepPluginBuild(manifest: directory.manifest(), server: directory.server())
        } catch let error as FieldError {
            throw CommandError("\(directory.manifestPath): \(error)")
        }
        for warning in build.warnings { Console.warn("\(directory.manifestPath): \(warning)") }
        if output == "-" {
            Console.write(build.configMap)
            return
        }
        let target = PluginDirectory(path: output ?? dir)
        try target.write(build, overwritesReadme: force)
    }
}
