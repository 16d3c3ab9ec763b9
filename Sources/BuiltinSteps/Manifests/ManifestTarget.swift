import KargoCore

/// Where rendered resources go.
enum ManifestTarget: Sendable, Hashable {
    case file
    case directory

    /// A path that ends in `.yaml` or `.yml` names a file.
    init(path: String) { self = [".yaml", ".yml"].contains(where: path.hasSuffix) ? .file : .directory }
}

extension WorkDirectory {
    /// Writes a text to a path, and makes the directories on the way.
    ///
    /// - Throws: ``FileError``.
    func write(_ text: String, to path: String) throws {
        let (directory, name) = try locate(path).makingParents("write")
        try directory.writeFile(name, text: text, permissions: .standard)
    }

    /// Writes files to a directory, which is made if it is not there; others in it stay.
    ///
    /// - Throws: ``FileError``, `CancellationError`.
    func write(_ files: [(name: FileName, text: String)], toDirectory path: String, _ cancellation: Cancellation) throws
    {
        let directory = try locate(path).makingDirectories()
        for file in files {
            try cancellation.check()
            try directory.writeFile(file.name, text: file.text, permissions: .standard)
        }
    }
}
