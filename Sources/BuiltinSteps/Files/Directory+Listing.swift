#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Directory {
    /// The names in the directory, in order.
    func names() throws(FileError) -> [FileName] {
        do throws(SystemError) {
            return try readNames().sorted()
        } catch {
            throw FileError("list", path, error, at: place)
        }
    }

    /// Opens the directory once more, for what a descriptor that only stands for a path is not good enough.
    private func reopened() throws(SystemError) -> Int32 {
        try SystemError.check { openat(descriptor.number, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
    }

    private func readNames() throws(SystemError) -> [FileName] {
        let number = try reopened()
        guard let stream = fdopendir(number) else {
            let error = SystemError.latest
            close(number)
            throw error
        }
        defer { closedir(stream) }
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        var names: [FileName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .latest }
                return names
            }
            let text = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
            if let name = FileName(UnsafeBufferPointer(start: text, count: strlen(text))) { names.append(name) }
        }
    }
}
