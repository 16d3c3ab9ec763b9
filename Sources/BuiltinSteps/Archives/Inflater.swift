import CZlib

/// Decompresses a stream in the format of gzip, of one member or several.
final class Inflater {
    /// The stream is damaged.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// zlib keeps a pointer to it, so it may not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var input: [UInt8] = []
    private var position = 0
    /// Whether a member has ended and no other has begun.
    private var isBetweenMembers = false

    init() throws(Failure) {
        stream.initialize(to: z_stream())
        // 15 bits of window, and 16 for a header of gzip.
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw Failure(description: "not enough memory")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Fills a buffer with what comes next, or a part of it.
    ///
    /// - Parameters:
    ///   - buffer: Where to put it.
    ///   - read: Reads compressed bytes into a buffer and says how many, 0 at the end.
    /// - Returns: How many bytes there are; 0 at the end.
    /// - Throws: ``Failure``, and what `read` throws.
    func fill(_ buffer: inout [UInt8], _ read: (inout [UInt8]) throws -> Int) throws -> Int {
        while true {
            if position == input.count {
                input = [UInt8](repeating: 0, count: 1 << 16)
                let count = try read(&input)
                input.removeSubrange(count...)
                position = 0
                if count == 0 {
                    if isBetweenMembers { return 0 }
                    throw Failure(description: "the compressed data ends too early")
                }
            }
            if isBetweenMembers {
                inflateReset(stream)
                isBetweenMembers = false
            }
            let produced = try inflateSome(into: &buffer)
            if produced > 0 { return produced }
        }
    }

    private func inflateSome(into buffer: inout [UInt8]) throws(Failure) -> Int {
        let (result, consumed, produced) = input.withUnsafeMutableBufferPointer { input in
            buffer.withUnsafeMutableBufferPointer { output in
                let available = input.count - position
                stream.pointee.next_in = input.baseAddress?.advanced(by: position)
                stream.pointee.avail_in = UInt32(available)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                let result = inflate(stream, Z_NO_FLUSH)
                return (
                    result, available - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out)
                )
            }
        }
        position += consumed
        switch result {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isBetweenMembers = true
        default: throw Failure(description: "the compressed data is damaged")
        }
        return produced
    }
}
