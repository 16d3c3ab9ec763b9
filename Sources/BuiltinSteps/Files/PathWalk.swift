#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Follows a path name by name, so that no link is followed by the system.
struct PathWalk {
    /// As many as filepath-securejoin follows.
    private static let maximumLinks = 255

    private let workDirectory: WorkDirectory
    private let links: WorkDirectory.LinkPolicy
    private var directory: Directory
    private var rest: [FileName] = []
    private var linkCount = 0

    init(in workDirectory: WorkDirectory, links: WorkDirectory.LinkPolicy) {
        self.workDirectory = workDirectory
        self.links = links
        directory = workDirectory.root
    }

    mutating func follow(_ parts: [WrittenPath.Part]) throws(FileError) -> Location {
        var ahead = Array(parts.reversed())
        while let part = ahead.popLast() {
            switch part {
            case .parent: try ascend()
            case .name(let name): try descend(to: name, &ahead)
            }
        }
        return Location(directory: directory, rest: rest)
    }

    private mutating func ascend() throws(FileError) {
        if rest.popLast() != nil { return }
        guard !directory.path.names.isEmpty else {
            if links == .reRooted { return }
            throw escape(directory.path)
        }
        // Not by way of `..`, which leads out if the directory has been moved away meanwhile.
        var parent = workDirectory.root
        for name in directory.path.names.dropLast() {
            do throws(SystemError) {
                parent = try parent.openDirectory(name)
            } catch {
                throw FileError("open", parent.path.appending(name), error)
            }
        }
        directory = parent
    }

    private mutating func descend(to name: FileName, _ ahead: inout [WrittenPath.Part]) throws(FileError) {
        guard rest.isEmpty else {
            rest.append(name)
            return
        }
        do throws(SystemError) {
            directory = try directory.openDirectory(name)
            return
        } catch {
            switch error.code {
            case ENOENT: break
            case ENOTDIR, ELOOP:
                if let target = try target(ofLink: name) {
                    try follow(target, from: name, &ahead)
                    return
                }
            default: throw directory.failure("open", name, error)
            }
        }
        rest.append(name)
    }

    private func target(ofLink name: FileName) throws(FileError) -> [UInt8]? {
        do throws(SystemError) {
            return try directory.target(ofLink: name)
        } catch {
            throw directory.failure("read the link", name, error)
        }
    }

    private mutating func follow(
        _ target: [UInt8],
        from name: FileName,
        _ ahead: inout [WrittenPath.Part]
    ) throws(FileError) {
        let path = directory.path.appending(name)
        linkCount += 1
        guard linkCount <= Self.maximumLinks else { throw FileError("open", path, SystemError(code: ELOOP)) }
        guard let written = WrittenPath(target) else { throw FileError("open", path, SystemError(code: EINVAL)) }
        var parts = written.parts
        switch links {
        case .refused:
            throw FileError(.link, "\"\(path)\" is a symbolic link, which is forbidden here")
        case .contained where written.isAbsolute:
            let names = workDirectory.prefixes.first { prefix in
                parts.starts(with: prefix.map(WrittenPath.Part.name))
            }
            guard let names else { throw escape(path) }
            parts.removeFirst(names.count)
            directory = workDirectory.root
        case .contained, .reRooted:
            if written.isAbsolute { directory = workDirectory.root }
        }
        ahead += parts.reversed()
    }

    private func escape(_ path: FilePath) -> FileError {
        FileError(.escape, "\"\(path)\" attempts to traverse outside the working directory")
    }
}
