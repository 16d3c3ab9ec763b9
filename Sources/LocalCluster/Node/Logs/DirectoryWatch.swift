// Its sources may be used from any thread, which the module does not say yet.
@preconcurrency import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells when a directory changes, or what is in its files.
final class DirectoryWatch: Sendable {
    private let source: any DispatchSourceProtocol

    /// Begins to watch a directory.
    ///
    /// - Parameters:
    ///   - directory: The directory, which is there.
    ///   - onChange: Hears of changes, several at a time.
    /// - Throws: ``SystemError``.
    init(_ directory: String, onChange: @escaping @Sendable () -> Void) throws {
        let queue = DispatchQueue(label: "directory watch")
        #if os(Linux)
        let descriptor = Descriptor(
            try SystemError.check("watch a directory") { inotify_init1(O_CLOEXEC | O_NONBLOCK) }
        )
        try SystemError.check("watch \(directory)") {
            inotify_add_watch(descriptor.number, directory, UInt32(IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO))
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: queue)
        source.setEventHandler {
            // Which file it was does not matter, but what is not read is told again.
            while case .bytes? = try? descriptor.read(upTo: 65_536) {}
            onChange()
        }
        #else
        let descriptor = try Descriptor(open: directory, O_RDONLY)
        let source = DispatchSource.makeFileSystemObjectSource(
            fileDescriptor: descriptor.number,
            eventMask: [.write, .extend],
            queue: queue
        )
        source.setEventHandler { onChange() }
        #endif
        // The file must stay open as long as it is watched.
        source.setCancelHandler { withExtendedLifetime(descriptor) {} }
        source.activate()
        self.source = source
    }

    deinit { source.cancel() }
}
