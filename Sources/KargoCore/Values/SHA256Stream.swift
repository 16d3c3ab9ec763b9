import COpenSSL

/// The SHA-256 of bytes that come piece by piece.
public final class SHA256Stream {
    private let context = EVP_MD_CTX_new()

    /// Begins without any bytes.
    public init() {
        precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "OpenSSL has no SHA-256")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: UnsafeRawBufferPointer) {
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "OpenSSL can't go on with a digest")
    }

    /// The digest of the bytes so far.
    public var digest: [UInt8] {
        let copy = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(copy) }
        var result = [UInt8](repeating: 0, count: 32)
        let done = EVP_MD_CTX_copy_ex(copy, context) == 1 && EVP_DigestFinal_ex(copy, &result, nil) == 1
        precondition(done, "OpenSSL can't finish a digest")
        return result
    }
}
