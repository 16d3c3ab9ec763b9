#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Directory {
    /// An entry, and what it is if that could be told at once.
    struct Entry: Sendable {
        let name: FileName
        let kind: FileStatus.Kind?
    }

    /// The names in the directory, in order.
    func names() throws(FileError) -> [FileName] { try entries().map(\.name) }

    /// What is in the directory, in the order of names.
    func entries() throws(FileError) -> [Entry] {
        do throws(SystemError) {
            return try readEntries().sorted { $0.name < $1.name }
        } catch {
            throw FileError("list", path, error, at: place)
        }
    }

    /// Opens the directory once more, for what a descriptor that only stands for a path is not good enough.
    func reopened() throws(SystemError) -> Int32 {
        try SystemError.check { openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    }

    private func readEntries() throws(SystemError) -> [Entry] {
        let number = try reopened()
        guard let stream = fdopendir(number) else {
            let error = SystemError.latest
            close(number)
            throw error
        }
        defer { closedir(stream) }
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .latest }
                return entries
            }
            let text = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
            if let name = FileName(UnsafeBufferPointer(start: text, count: strlen(text))) {
                entries.append(Entry(name: name, kind: FileStatus.Kind(entryType: entry.pointee.d_type)))
            }
        }
    }
}
