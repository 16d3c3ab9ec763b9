import COpenSSL

/// Digests and message authentication codes of the system's OpenSSL.
public enum Digest {
    /// The SHA-1 of the bytes, which Kargo names Freight and collections of Freight by.
    public static func sha1(_ bytes: some Sequence<UInt8>) -> [UInt8] { digest(bytes, EVP_sha1()) }

    /// The SHA-256 of the bytes.
    public static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] { digest(bytes, EVP_sha256()) }

    /// The HMAC-SHA256 of the message.
    public static func hmacSHA256(key: [UInt8], message: some Sequence<UInt8>) -> [UInt8] {
        let message = Array(message)
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let done = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &result, &length)
        precondition(done != nil, "OpenSSL has no SHA-256")
        return Array(result.prefix(Int(length)))
    }

    /// Whether two byte strings are equal, in a time that does not tell where they differ.
    public static func isEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.count == second.count && CRYPTO_memcmp(first, second, first.count) == 0
    }

    private static func digest(_ bytes: some Sequence<UInt8>, _ algorithm: OpaquePointer?) -> [UInt8] {
        let bytes = Array(bytes)
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let done = EVP_Digest(bytes, bytes.count, &result, &length, algorithm, nil)
        precondition(done == 1, "OpenSSL lacks a digest that every build of it has")
        return Array(result.prefix(Int(length)))
    }
}

extension Sequence<UInt8> {
    /// The bytes as lower-case hexadecimal digits.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
