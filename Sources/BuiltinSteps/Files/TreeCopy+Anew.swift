extension TreeCopy {
    /// Copies a directory to where nothing is.
    ///
    /// The copy gets its name when it is whole. So its files need no names of their own on the way there, which halves
    /// what the system is asked for.
    ///
    /// - Parameters:
    ///   - source: The directory.
    ///   - name: What the copy is to be called.
    ///   - parent: Where it will be.
    ///   - path: The names on the way to the directory, for the rules.
    /// - Throws: ``FileError``, `CancellationError`; then there is still nothing.
    mutating func copyAnew(
        _ source: Directory,
        to name: FileName,
        in parent: Directory,
        below path: [String]
    ) throws {
        let permissions = Self.permissions(ofCopyOf: try status(of: source))
        let draft = try DirectoryDraft(of: name, in: parent, permissions: permissions, cancellation)
        do {
            let identity = try status(of: draft.directory).identity
            targets.insert(identity)
            defer { targets.remove(identity) }
            try fill(draft.directory, from: source, below: path)
            try draft.finish()
        } catch {
            draft.discard()
            throw error
        }
    }

    private mutating func fill(_ target: Directory, from source: Directory, below path: [String]) throws {
        try Self.check(depth: path.count, of: source)
        for entry in try source.entries() {
            try cancellation.check()
            let name = entry.name
            let path = path + [name.description]
            switch try entry.kind ?? source.status(ifPresent: name)?.kind {
            case nil, .link, .special: continue
            case .file:
                if rules.ignores(path, isDirectory: false) { continue }
                let file = try source.openFile(name)
                let copy: Descriptor
                do throws(SystemError) {
                    copy = try target.createFile(name, permissions: Self.permissions(ofCopyOf: file.status))
                } catch {
                    throw target.failure("write", name, error)
                }
                try copyContent(of: file, to: copy, name, in: target)
            case .directory:
                if rules.ignores(path, isDirectory: true) { continue }
                let child = try source.openDirectory(toCopy: name)
                let status = try status(of: child)
                if targets.contains(status.identity) { continue }
                try target.makeDirectory(name, permissions: Self.permissions(ofCopyOf: status))
                let copy: Directory
                do throws(SystemError) {
                    copy = try target.openDirectory(name)
                } catch {
                    throw target.failure("make", name, error)
                }
                try fill(copy, from: child, below: path)
            }
        }
    }
}

extension Directory {
    /// Opens a directory in this one that is to be copied.
    func openDirectory(toCopy name: FileName) throws(FileError) -> Directory {
        do throws(SystemError) {
            return try openDirectory(name)
        } catch {
            throw failure("copy", name, error)
        }
    }
}
