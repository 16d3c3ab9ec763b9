import NIOCore

/// Takes the content of a file as it comes, and holds little of it.
struct FileSink {
    private let draft: FileDraft
    private var pending = ByteBuffer()
    /// How many bytes came so far.
    private(set) var count = 0

    init(_ draft: FileDraft) { self.draft = draft }

    /// Adds what came.
    ///
    /// - Throws: ``FileError``, `CancellationError`.
    mutating func write(_ bytes: ByteBuffer) async throws {
        count += bytes.readableBytes
        pending.writeImmutableBuffer(bytes)
        if pending.readableBytes >= Directory.chunkSize { try await flush() }
    }

    /// Writes what it still holds.
    ///
    /// - Throws: ``FileError``, `CancellationError`.
    mutating func flush() async throws {
        guard pending.readableBytes > 0 else { return }
        try await Cancellation.blocking { [draft, pending] _ in
            do throws(SystemError) {
                try pending.withUnsafeReadableBytes { bytes throws(SystemError) in try draft.file.writeAll(bytes) }
            } catch {
                throw draft.failure(error)
            }
        }
        pending.clear()
    }
}
