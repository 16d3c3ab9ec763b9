import ArgoCompat

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The files of a plugin's author.
struct PluginDirectory {
    let path: String

    var manifestPath: String { file("plugin.yaml") }

    private func file(_ name: String) -> String {
        path.isEmpty || path == "." || path == "./" ? name : path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    func manifest() throws -> String {
        try text(of: manifestPath)
    }

    /// The program, if there is one.
    func server() throws -> StepPluginBuild.Server? {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path.isEmpty ? "." : path)
        } catch {
            throw CommandError("\(path): can't be read: \(error.reason)")
        }
        let servers = names.filter { $0.hasPrefix("server.") && !isDirectory(file($0)) }.sorted()
        guard servers.count <= 1 else {
            throw CommandError("\(path): holds \(servers.joined(separator: " and ")); keep one server.* only")
        }
        guard let name = servers.first else { return nil }
        return StepPluginBuild.Server(fileName: name, text: try text(of: file(name)))
    }

    func write(_ build: StepPluginBuild, overwritesReadme: Bool) throws {
        try write(build.configMap, to: file(build.configMapFileName))
        let readme = file("README.md")
        if !overwritesReadme, FileManager.default.fileExists(atPath: readme),
            try !text(of: readme).hasPrefix(StepPluginBuild.readmeMarker)
        {
            Console.warn("\(readme): is kept because it was not generated; --force overwrites it")
            return
        }
        try write(build.readme, to: readme)
    }

    private func isDirectory(_ path: String) -> Bool {
        var isDirectory: Bool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    private func text(of path: String) throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandError("\(path): can't be read: \(error.reason)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandError("\(path): is not UTF-8 text")
        }
        return text
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw CommandError("\(path): can't be written: \(error.reason)")
        }
        Console.write("\(path) created\n")
    }
}
