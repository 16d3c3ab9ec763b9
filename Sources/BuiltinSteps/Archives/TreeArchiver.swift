import KargoCore

/// Writes a file, or a directory with what is in it, as a tar archive.
///
/// Links are kept as links; devices, pipes and sockets are left out, and so is the archive itself.
struct TreeArchiver {
    private let rules: IgnoreRules
    private let cancellation: Cancellation
    /// Where the archive appears, and where it is written meanwhile.
    private let archive: (directory: FileStatus.Identity, names: [FileName])
    private let write: (ArraySlice<UInt8>) throws -> Void
    private var entryCount = 0
    private var contentSize: Int64 = 0
    private var buffer = [UInt8](repeating: 0, count: Directory.chunkSize)

    /// Archives.
    ///
    /// - Parameters:
    ///   - source: What to archive; links on the way are followed, also the last one.
    ///   - target: What the archive is to be called; directories on the way are made.
    ///   - workDirectory: Where both are.
    ///   - rules: What to leave out.
    ///   - isCompressed: Whether to compress it with gzip.
    ///   - cancellation: When to stop.
    /// - Throws: ``FileError``, `CancellationError`; then a file that was there is as it was.
    static func archive(
        _ source: String,
        to target: String,
        in workDirectory: WorkDirectory,
        leavingOut rules: IgnoreRules,
        isCompressed: Bool,
        _ cancellation: Cancellation
    ) throws {
        let source = try workDirectory.locate(source)
        if !source.rest.isEmpty {
            let (directory, name) = try source.file("read")
            _ = try directory.openFile(name)
        }
        let (directory, name) = try workDirectory.locate(target).makingParents("write")
        let place = try directory.statusOfItself().identity
        try directory.writeFile(name, permissions: .standard) { file in
            let put = { (bytes: ArraySlice<UInt8>) throws -> Void in
                do throws(SystemError) {
                    try file.writeAll(bytes)
                } catch {
                    throw directory.failure("write", name, error)
                }
            }
            let deflater = isCompressed ? try Deflater() : nil
            let write = { (bytes: ArraySlice<UInt8>) throws -> Void in
                if let deflater { try deflater.compress(bytes, put) } else { try put(bytes) }
            }
            var archiver = TreeArchiver(
                rules: rules,
                cancellation: cancellation,
                archive: (place, [name, name.temporary]),
                write: write
            )
            try archiver.add(source)
            // Two empty blocks are the end.
            try write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize)[...])
            try deflater?.compress([], isLast: true, put)
        }
    }

    private init(
        rules: IgnoreRules,
        cancellation: Cancellation,
        archive: (directory: FileStatus.Identity, names: [FileName]),
        write: @escaping (ArraySlice<UInt8>) throws -> Void
    ) {
        self.rules = rules
        self.cancellation = cancellation
        self.archive = archive
        self.write = write
    }

    private mutating func add(_ source: Location) throws {
        guard source.rest.isEmpty else {
            let (directory, name) = try source.file("read")
            try addFile(name, of: directory, as: [name])
            return
        }
        try addEntries(of: source.directory, below: [])
    }

    private mutating func addEntries(of directory: Directory, below path: [FileName]) throws {
        guard path.count < Directory.maximumDepth else {
            throw FileError(
                .tooLarge,
                "can't archive \"\(directory.path)\": nested deeper than \(Directory.maximumDepth) directories"
            )
        }
        let holdsArchive = try directory.statusOfItself().identity == archive.directory
        for name in try directory.names() where !(holdsArchive && archive.names.contains(name)) {
            try cancellation.check()
            guard let status = try directory.status(ifPresent: name) else { continue }
            let path = path + [name]
            if rules.ignores(path.map(\.description), isDirectory: status.kind == .directory) { continue }
            switch status.kind {
            case .special: continue
            case .file: try addFile(name, of: directory, as: path)
            case .link: try addLink(name, of: directory, as: path, status)
            case .directory:
                let child: Directory
                do throws(SystemError) {
                    child = try directory.openDirectory(name)
                } catch {
                    throw directory.failure("archive", name, error)
                }
                try writeHeader(.directory, path, status)
                try addEntries(of: child, below: path)
            }
        }
    }

    private mutating func addLink(
        _ name: FileName,
        of directory: Directory,
        as path: [FileName],
        _ status: FileStatus
    ) throws {
        let target: [UInt8]?
        do throws(SystemError) {
            target = try directory.target(ofLink: name)
        } catch {
            throw directory.failure("archive", name, error)
        }
        if let target { try writeHeader(.link, path, status, target: target) }
    }

    private mutating func addFile(_ name: FileName, of directory: Directory, as path: [FileName]) throws {
        let file = try directory.openFile(name)
        let (status, place) = (file.status, file.path)
        guard status.size <= ArchiveLimits.largestFile else {
            throw FileError(.tooLarge, "\"\(place)\" exceeds limit of \(ArchiveLimits.largestFile) bytes")
        }
        contentSize += status.size
        guard contentSize <= ArchiveLimits.largestContent else {
            throw FileError(.tooLarge, "all files together exceed limit of \(ArchiveLimits.largestContent) bytes")
        }
        try writeHeader(.file, path, status, size: status.size)
        var rest = status.size
        while rest > 0 {
            try cancellation.check()
            let count: Int
            do throws(SystemError) {
                count = try file.descriptor.readNext(into: &buffer)
            } catch {
                throw FileError("read", place, error)
            }
            guard count > 0, Int64(count) <= rest else {
                throw FileError(.missing, "\"\(place)\" was changed while it was read")
            }
            try write(buffer[..<count])
            rest -= Int64(count)
        }
        try write([UInt8](repeating: 0, count: TarHeader.padding(status.size))[...])
    }

    private mutating func writeHeader(
        _ kind: TarHeader.Kind,
        _ path: [FileName],
        _ status: FileStatus,
        size: Int64 = 0,
        target: [UInt8] = []
    ) throws {
        entryCount += 1
        guard entryCount <= ArchiveLimits.maximumEntries else {
            throw FileError(.tooLarge, "there are more than \(ArchiveLimits.maximumEntries) files")
        }
        let header = TarHeader(
            kind: kind,
            name: Array(path.map(\.bytes).joined(separator: "/".utf8)) + (kind == .directory ? Array("/".utf8) : []),
            target: target,
            mode: status.permissions & 0o777,
            owner: status.owner,
            group: status.group,
            size: size,
            modified: status.modified
        )
        try write(header.blocks[...])
    }
}

extension Directory {
    /// What this directory is.
    func statusOfItself() throws(FileError) -> FileStatus {
        do throws(SystemError) {
            return try descriptor.status()
        } catch {
            throw FileError("look at", path, error)
        }
    }
}
