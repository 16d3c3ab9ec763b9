import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files that a command reads objects from.
struct ManifestOptions: ParsableArguments {
    private static let extensions = [".yaml", ".yml", ".json"]

    @Option(
        name: [.customShort("f"), .customLong("filename")],
        parsing: .singleValue,
        help: ArgumentHelp(
            "A file of YAML or JSON, a directory of *.yaml, *.yml and *.json, or - for standard input; may be repeated.",
            valueName: "file|dir|-"
        ),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    var files: [String] = []

    @Flag(name: [.customShort("R"), .customLong("recursive")], help: "Read the directories in directories too.")
    var isRecursive = false

    /// The objects of all files in order.
    ///
    /// - Throws: ``CommandError`` that names the file, before anything is done with the objects of others.
    func manifests() throws(CommandError) -> [Manifest] {
        var manifests: [Manifest] = []
        for file in files {
            for path in file == "-" ? [file] : try paths(in: file) {
                let input = InputFile(path: path)
                try manifests.append(contentsOf: Manifest.all(in: input.text(), of: input.name))
            }
        }
        guard !manifests.isEmpty else {
            throw CommandError("\(files.joined(separator: ", ")): holds no objects; give a file of YAML or JSON")
        }
        return manifests
    }

    private func paths(in path: String) throws(CommandError) -> [String] {
        guard Self.isDirectory(path) else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw CommandError("\(path): can't be read: \(error.reason)")
        }
        var paths: [String] = []
        for name in names {
            let path = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            if Self.isDirectory(path) {
                if isRecursive { try paths.append(contentsOf: self.paths(in: path)) }
            } else if Self.extensions.contains(where: name.hasSuffix) {
                paths.append(path)
            }
        }
        return paths
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }
}
