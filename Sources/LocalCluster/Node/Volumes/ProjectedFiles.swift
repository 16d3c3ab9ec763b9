#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The files of a volume that is made of objects, which change all at once while containers see them.
///
/// As with the kubelet, they are in a directory of their own to which the link `..data` leads, and what containers see
/// are links through it; replacing that one link replaces all files.
struct ProjectedFiles {
    private static let link = "..data"

    /// The directory that containers mount.
    let directory: String

    /// Writes the files, unless they are there as they should be.
    ///
    /// - Throws: ``SystemError``.
    func write(_ files: [VolumeFile]) throws(SystemError) {
        try FileSystem.makeDirectory(directory)
        let present = FileSystem.target(ofLink: "\(directory)/\(Self.link)")
        // A later source of a projected volume takes the place of an earlier one.
        let wanted = Dictionary(files.map { ($0.path, $0) }) { $1 }
        if let present, isSame(wanted, in: "\(directory)/\(present)") { return }
        let next = nextName(after: present)
        try FileSystem.remove("\(directory)/\(next)")
        try FileSystem.makeDirectory("\(directory)/\(next)")
        for file in wanted.values.sorted(by: { $0.path < $1.path }) {
            let place = "\(directory)/\(next)/\(file.path)"
            if let slash = place.lastIndex(of: "/") { try FileSystem.makeDirectory(String(place[..<slash])) }
            try FileSystem.replace(place, with: file.content, mode: mode_t(file.mode))
        }
        try replaceLink(Self.link, target: next)
        let names = Set(wanted.keys.compactMap { $0.split(separator: "/").first.map(String.init) })
        for name in names.sorted() {
            let target = "\(Self.link)/\(name)"
            if FileSystem.target(ofLink: "\(directory)/\(name)") != target {
                try FileSystem.remove("\(directory)/\(name)")
                try replaceLink(name, target: target)
            }
        }
        for name in FileSystem.entries(of: directory) where name != Self.link && name != next && !names.contains(name) {
            try FileSystem.remove("\(directory)/\(name)")
        }
    }

    private func nextName(after present: String?) -> String {
        let number = present.flatMap { Int($0.dropFirst(2)) } ?? 0
        return "..\(number + 1)"
    }

    private func replaceLink(_ name: String, target: String) throws(SystemError) {
        let temporary = "\(directory)/..new"
        try FileSystem.remove(temporary)
        try SystemError.check("make the link \(name)") { symlink(target, temporary) }
        try SystemError.check("rename \(temporary)") { rename(temporary, "\(directory)/\(name)") }
    }

    private func isSame(_ wanted: [String: VolumeFile], in place: String) -> Bool {
        guard Set(paths(in: place, prefix: "")) == Set(wanted.keys) else { return false }
        return wanted.values.allSatisfy { file in
            var status = stat()
            let path = "\(place)/\(file.path)"
            guard lstat(path, &status) == 0, UInt32(status.st_mode & 0o777) == file.mode else { return false }
            do {
                return try FileSystem.read(path) == file.content
            } catch {
                return false
            }
        }
    }

    private func paths(in place: String, prefix: String) -> [String] {
        FileSystem.entries(of: place)
            .flatMap { name in
                FileSystem.isDirectory("\(place)/\(name)")
                    ? paths(in: "\(place)/\(name)", prefix: "\(prefix)\(name)/") : [prefix + name]
            }
    }
}
