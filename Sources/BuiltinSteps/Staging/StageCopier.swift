/// Copies files of a tree, links followed where they stay in it.
struct StageCopier {
    let stage: WorkDirectory
    let cancellation: Cancellation

    /// Copies a directory with everything in it.
    ///
    /// - Throws: ``FileError``, also for a link that leads out or nowhere; `CancellationError`.
    func copyTree(_ directory: Directory, of source: StageSource, to path: [String], depth: Int = 0) throws {
        guard depth < Directory.maximumDepth else {
            throw FileError(.escape, "can't copy \"\(directory.path)\": it is too deep")
        }
        for name in try directory.names() {
            try cancellation.check()
            let copy = path + [name.description]
            switch try source.target(name.description, from: directory.path) {
            case .file(let location): try self.copy(location, to: copy)
            case .directory(let location): try copyTree(location.directory, of: source, to: copy, depth: depth + 1)
            case nil: throw FileError(.missing, "the link \"\(directory.path.appending(name))\" leads nowhere")
            }
        }
    }

    /// Copies a file.
    func copy(_ location: Location, to path: [String]) throws { try write(try content(of: location), to: path) }

    func content(of location: Location) throws -> [UInt8] {
        let (directory, name) = try location.file("read")
        return try directory.readFile(name, limit: DocumentLimits.largestFile, cancellation)
    }

    func write(_ content: [UInt8], to path: [String]) throws {
        let names = path.compactMap { FileName($0.utf8) }
        let (directory, name) = try stage.locate(FilePath(names), links: .refused).makingParents("write")
        try directory.writeFile(name, content: content, permissions: .standard)
    }
}

extension Directory {
    /// Writes bytes under a name of their own and then gives them the name.
    ///
    /// - Parameters:
    ///   - name: The file; one that is there is replaced.
    ///   - content: The bytes.
    ///   - permissions: What permissions it gets.
    /// - Throws: ``FileError``; then the file is as it was.
    func writeFile(_ name: FileName, content: [UInt8], permissions: FilePermissions) throws {
        try writeFile(name, permissions: permissions) { file in
            do throws(SystemError) {
                try file.writeAll(content[...])
            } catch {
                throw failure("write", name, error)
            }
        }
    }
}
