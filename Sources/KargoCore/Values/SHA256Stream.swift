import COpenSSL
import Synchronization

/// The SHA-256 of bytes that come piece by piece.
public final class SHA256Stream: Sendable {
    // Touched by nobody who does not hold the lock, and freed when nobody holds the object.
    private nonisolated(unsafe) let context: OpaquePointer
    private let lock = Mutex(())

    /// Begins without any bytes.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        let done = lock.withLock { _ in EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
        precondition(done == 1, "OpenSSL can't go on with a digest")
    }

    /// The digest of the bytes so far.
    public var digest: [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        let done = lock.withLock { _ -> Int32 in
            let copy = EVP_MD_CTX_new()
            defer { EVP_MD_CTX_free(copy) }
            guard EVP_MD_CTX_copy_ex(copy, context) == 1 else { return 0 }
            return EVP_DigestFinal_ex(copy, &result, nil)
        }
        precondition(done == 1, "OpenSSL can't finish a digest")
        return result
    }
}
