import KargoCore

/// The file of a directory that makes it a kustomization.
struct KustomizationFile {
    /// A directory has none, or several.
    struct Problem: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    static let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    let directory: Directory
    let name: FileName

    /// Finds the file; links are none.
    ///
    /// - Throws: ``Problem`` if there is not exactly one; ``FileError``.
    init(in location: Location) throws {
        guard location.rest.isEmpty else { throw try location.missing("open") }
        let found = try Self.names.compactMap { text throws(FileError) -> FileName? in
            guard let name = FileName(text.utf8), try location.directory.status(ifPresent: name)?.kind == .file else {
                return nil
            }
            return name
        }
        guard let name = found.first, found.count == 1 else {
            let reason = found.isEmpty ? "no kustomization file" : "more than one kustomization file"
            throw Problem(description: "\(reason) in \"\(location.path)\"")
        }
        directory = location.directory
        self.name = name
    }

    /// Reads the file.
    ///
    /// - Throws: ``FileError``, also if it is not UTF-8; `CancellationError`.
    func text(_ cancellation: Cancellation) throws -> String {
        let bytes = try directory.readFile(name, limit: DocumentLimits.largestFile, cancellation)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem(description: "\"\(directory.path.appending(name))\" is not text in UTF-8")
        }
        return text
    }
}
