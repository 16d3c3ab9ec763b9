import KargoCore
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Takes the content of a file as it comes, and holds little of it.
struct FileSink {
    private let draft: FileDraft
    private let hash: SHA256Stream?
    private var pending = ByteBuffer()
    /// How many bytes came so far.
    private(set) var count = 0

    fileprivate init(_ draft: FileDraft, hash: SHA256Stream?) {
        self.draft = draft
        self.hash = hash
    }

    /// Adds what came.
    ///
    /// - Throws: ``FileError``, `CancellationError`.
    mutating func write(_ bytes: ByteBuffer) async throws {
        count += bytes.readableBytes
        pending.writeImmutableBuffer(bytes)
        if pending.readableBytes >= Directory.chunkSize { try await flush() }
    }

    fileprivate mutating func flush() async throws {
        guard pending.readableBytes > 0 else { return }
        try await Cancellation.blocking { [draft, hash, pending] _ in
            do throws(SystemError) {
                try pending.withUnsafeReadableBytes { bytes throws(SystemError) in
                    hash?.update(bytes)
                    try draft.file.writeAll(bytes)
                }
            } catch {
                throw draft.failure(error)
            }
        }
        pending.clear()
    }
}

extension Directory {
    /// Writes a file as its content comes, under a name of its own until it is whole.
    ///
    /// - Parameters:
    ///   - name: The file; one that is there is replaced.
    ///   - hash: What is to know the content too.
    ///   - receive: Writes the content.
    ///   - check: Looks at the whole before it becomes the file.
    /// - Returns: What `receive` returns.
    /// - Throws: ``FileError``, and what `receive` and `check` throw; then the file is as it was.
    func writeFile<Result>(
        _ name: FileName,
        hash: SHA256Stream? = nil,
        receive: (inout FileSink) async throws -> Result,
        thenCheck check: (FileSink) throws -> Void = { _ in }
    ) async throws -> Result {
        let draft = try FileDraft(of: name, in: self, inPlaceOf: status(ifPresent: name), permissions: .standard)
        do {
            var sink = FileSink(draft, hash: hash)
            let result = try await receive(&sink)
            try await sink.flush()
            try check(sink)
            try Task.checkCancellation()
            try draft.finish()
            return result
        } catch {
            draft.discard()
            throw error
        }
    }
}

extension Descriptor {
    /// Writes all the bytes.
    func writeAll(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = try SystemError.check { write(number, part.baseAddress, part.count) }
            rest = rest.dropFirst(count)
        }
    }
}
