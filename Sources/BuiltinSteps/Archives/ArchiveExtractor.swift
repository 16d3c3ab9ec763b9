#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Unpacks a tar archive into a new directory, which then takes the place of whatever was there.
///
/// ## Guarantees
/// Nothing is written through a link, and no link that is made leads out of the new directory. If unpacking breaks off,
/// what was there is as it was.
struct ArchiveExtractor {
    /// The archive was to take the place of the work directory.
    struct TargetIsWorkDirectory: Error {}

    private static let pathLimit = Directory.maximumDepth

    private let root: Directory
    private let strip: Int
    private let rules: IgnoreRules
    private let cancellation: Cancellation
    private var contentSize: Int64 = 0

    /// Unpacks.
    ///
    /// - Parameters:
    ///   - source: The archive, compressed with gzip or not; links on the way are followed, also the last one.
    ///   - target: What the new directory is to be called; directories on the way are made.
    ///   - workDirectory: Where both are.
    ///   - strip: How many names at the beginning of each path are dropped.
    ///   - rules: What to leave out.
    ///   - cancellation: When to stop.
    /// - Throws: ``FileError``, ``TargetIsWorkDirectory``, `TarReader.Failure`, `Inflater.Failure`, `CancellationError`.
    static func extract(
        _ source: String,
        to target: String,
        in workDirectory: WorkDirectory,
        strippingComponents strip: Int,
        leavingOut rules: IgnoreRules,
        _ cancellation: Cancellation
    ) throws {
        let (sourceDirectory, sourceName) = try workDirectory.locate(source).file("read")
        let archive = try sourceDirectory.openFile(sourceName)
        let (parent, name) = try place(of: target, in: workDirectory)
        let draft = try DirectoryDraft(of: name, in: parent, permissions: 0o777, cancellation)
        do {
            var extractor = ArchiveExtractor(
                root: draft.directory,
                strip: strip,
                rules: rules,
                cancellation: cancellation
            )
            var reader = TarReader(try Self.source(archive))
            try extractor.extractAll(&reader)
            try cancellation.check()
            try draft.finishReplacing()
        } catch {
            draft.discard()
            throw error
        }
    }

    /// The directory that the new one comes to be in, and its name.
    private static func place(
        of target: String,
        in workDirectory: WorkDirectory
    ) throws -> (directory: Directory, name: FileName) {
        let location = try workDirectory.locate(target)
        if !location.rest.isEmpty { return try location.makingParents("write") }
        guard let name = location.path.names.last else { throw TargetIsWorkDirectory() }
        let parent = FilePath(location.path.names.dropLast())
        return (try workDirectory.locate(parent, links: .refused).directory, name)
    }

    /// What reads the archive, and decompresses it if it begins as gzip does.
    private static func source(_ file: OpenFile) throws -> (inout [UInt8]) throws -> Int {
        let read = { (buffer: inout [UInt8]) throws -> Int in
            do throws(SystemError) {
                return try file.descriptor.readNext(into: &buffer)
            } catch {
                throw FileError("read", file.path, error)
            }
        }
        var magic = [UInt8](repeating: 0, count: 2)
        let count = try read(&magic)
        do throws(SystemError) {
            try SystemError.check { lseek(file.descriptor.number, 0, SEEK_SET) }
        } catch {
            throw FileError("read", file.path, error)
        }
        guard count == 2, magic == [0x1F, 0x8B] else { return read }
        let inflater = try Inflater()
        return { buffer in try inflater.fill(&buffer, read) }
    }

    private init(root: Directory, strip: Int, rules: IgnoreRules, cancellation: Cancellation) {
        self.root = root
        self.strip = strip
        self.rules = rules
        self.cancellation = cancellation
    }

    private mutating func extractAll(_ reader: inout TarReader) throws {
        var count = 0
        while let entry = try reader.next() {
            try cancellation.check()
            count += 1
            guard count <= ArchiveLimits.maximumEntries else {
                throw FileError(.tooLarge, "there are more than \(ArchiveLimits.maximumEntries) entries")
            }
            guard let path = Self.safePath(entry.name), path.count > strip else { continue }
            let names = Array(path.dropFirst(strip))
            guard names.count <= Self.pathLimit else {
                throw FileError(.tooLarge, "\"\(FilePath(names))\" is nested deeper than \(Self.pathLimit) directories")
            }
            let isDirectory = entry.type == UInt8(ascii: "5")
            if rules.ignores(names.map(\.description), isDirectory: isDirectory) { continue }
            switch entry.type {
            case UInt8(ascii: "0"): try extractFile(entry, names, &reader)
            case UInt8(ascii: "2"): try extractLink(entry, names)
            case UInt8(ascii: "5"): _ = try directory(names[...])
            default: continue
            }
        }
    }

    /// The names of a path that leads down from where it begins.
    private static func safePath(_ bytes: [UInt8]) -> [FileName]? {
        guard let written = WrittenPath(bytes), !written.isAbsolute, !written.parts.contains(.parent) else {
            return nil
        }
        return written.cleaned
    }

    /// A directory of the tree; those on the way are made, and links on the way refused.
    private func directory(_ names: ArraySlice<FileName>) throws(FileError) -> Directory {
        var directory = root
        for name in names {
            try directory.makeDirectory(name, permissions: 0o777)
            do throws(SystemError) {
                directory = try directory.openDirectory(name)
            } catch {
                let path = FilePath(directory.path.names.dropFirst(root.path.names.count) + [name])
                throw FileError(.link, "the archive writes through \"\(path)\", which is no directory")
            }
        }
        return directory
    }

    private mutating func extractFile(_ entry: TarReader.Entry, _ names: [FileName], _ reader: inout TarReader) throws {
        guard let name = names.last else { return }
        guard entry.size <= ArchiveLimits.largestFile else {
            throw FileError(.tooLarge, "\"\(FilePath(names))\" exceeds limit of \(ArchiveLimits.largestFile) bytes")
        }
        contentSize += entry.size
        guard contentSize <= ArchiveLimits.largestContent else {
            throw FileError(.tooLarge, "all files together exceed limit of \(ArchiveLimits.largestContent) bytes")
        }
        let directory = try directory(names.dropLast())
        // The group may do what the owner may, for plugins run as other users of the same group.
        let permissions = entry.mode | entry.mode >> 3 & 0o070 | 0o600
        try directory.writeFile(name, permissions: .underUmask(permissions)) { file in
            while true {
                try cancellation.check()
                let part = try reader.readContent()
                if part.isEmpty { break }
                do throws(SystemError) {
                    try file.writeAll(part)
                } catch {
                    throw directory.failure("write", name, error)
                }
            }
            file.setModified(entry.modified)
        }
    }

    private func extractLink(_ entry: TarReader.Entry, _ names: [FileName]) throws {
        guard let name = names.last, Self.staysInside(entry.target, from: names.count - 1) else { return }
        let directory = try directory(names.dropLast())
        if let status = try directory.status(ifPresent: name) {
            if status.kind == .directory { return }
            do throws(SystemError) {
                try directory.remove(name)
            } catch {
                throw directory.failure("write", name, error)
            }
        }
        do throws(SystemError) {
            try directory.makeLink(name, to: entry.target)
        } catch {
            throw directory.failure("write", name, error)
        }
    }

    /// Whether a link leads to something in the tree, whatever the links on its way are.
    ///
    /// Where it goes up only at its beginning, it goes up from its own place, of which all directories are real. Behind
    /// a name that might be a link nobody knows where `..` leads.
    private static func staysInside(_ target: [UInt8], from depth: Int) -> Bool {
        guard !target.isEmpty, let written = WrittenPath(target), !written.isAbsolute else { return false }
        let ascent = written.parts.prefix { $0 == .parent }.count
        return ascent <= depth && !written.parts.dropFirst(ascent).contains(.parent)
    }
}

extension Directory {
    fileprivate func makeLink(_ name: FileName, to target: [UInt8]) throws(SystemError) {
        try name.withCString { name throws(SystemError) in
            let text = target.map { CChar(bitPattern: $0) } + [0]
            _ = try SystemError.check { symlinkat(text, descriptor.number, name) }
        }
    }
}

extension Descriptor {
    /// Sets when the content was changed, if the system lets it be set.
    fileprivate func setModified(_ seconds: Int64) {
        let time = timespec(tv_sec: Int(seconds), tv_nsec: 0)
        _ = futimens(number, [time, time])
    }
}
