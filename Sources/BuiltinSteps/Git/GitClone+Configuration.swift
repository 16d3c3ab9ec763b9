#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What git is configured with by the clone's own files.
extension GitClone {
    /// The files that configure git, by their names in the repository, with their contents.
    ///
    /// Nobody writes them but git. It could be led there by links that come and go while it checks files out.
    var configuration: [String: String] {
        var result: [String: String] = [:]
        for name in configurationFiles {
            result[name] = FileManager.default.contents(atPath: "\(repository)/\(name)")
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return result
    }

    private var configurationFiles: [String] {
        let names = record.trees.map { "worktrees/\($0.name)" }
        return ["config"] + names.flatMap { ["\($0)/commondir", "\($0)/config.worktree"] }
    }

    /// Looks whether git is configured as it was when the clone was made.
    ///
    /// - Throws: ``GitError`` if it is not.
    func checkConfiguration() throws(GitError) {
        guard let known = record.configuration else { return }
        let now = configuration
        // Work trees may have been forgotten since.
        if configurationFiles.allSatisfy({ known[$0] == now[$0] }) { return }
        throw GitError(
            .refused,
            "the clone's configuration is not the one it was made with; clone the repository again"
        )
    }
}
