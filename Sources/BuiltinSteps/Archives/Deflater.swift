import CZlib

/// Compresses a stream in the format of gzip.
final class Deflater {
    /// Memory can't be had.
    struct Failure: Error {}

    /// zlib keeps a pointer to it, so it may not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var output = [UInt8](repeating: 0, count: 1 << 16)

    init() throws(Failure) {
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a header of gzip.
        let result = deflateInit2_(
            stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            15 + 16,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        if result != Z_OK {
            stream.deallocate()
            throw Failure()
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Compresses bytes.
    ///
    /// - Parameters:
    ///   - bytes: What comes next.
    ///   - isLast: Whether nothing follows.
    ///   - write: Receives what has been compressed.
    /// - Throws: What `write` throws.
    func compress(_ bytes: ArraySlice<UInt8>, isLast: Bool = false, _ write: (ArraySlice<UInt8>) throws -> Void) throws
    {
        var input = Array(bytes)
        try input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            var isFull = true
            while isFull {
                let produced = output.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    _ = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return output.count - Int(stream.pointee.avail_out)
                }
                isFull = produced == output.count
                try write(output[..<produced])
            }
        }
    }
}
