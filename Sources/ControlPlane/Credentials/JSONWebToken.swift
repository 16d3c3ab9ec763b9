import COpenSSL
import KargoCore

/// Signed claims.
enum JSONWebToken {
    /// The key is none that can sign.
    struct KeyError: Error, Hashable {}

    /// Signs claims with RS256.
    ///
    /// - Parameters:
    ///   - claims: The claims.
    ///   - keyID: Names the key, if there are several.
    ///   - key: The RSA key in PEM.
    /// - Returns: The token.
    /// - Throws: ``KeyError``.
    static func rs256(_ claims: JSONValue, keyID: String? = nil, key: String) throws(KeyError) -> String {
        var header: JSONValue = ["alg": "RS256", "typ": "JWT"]
        if let keyID { header["kid"] = .string(keyID) }
        let content = [header, claims].map { Token.base64URL($0.serialized([.sortedKeys])) }.joined(separator: ".")
        return "\(content).\(Token.base64URL(try sign(Array(content.utf8), key: Array(key.utf8))))"
    }

    private static func sign(_ content: [UInt8], key: [UInt8]) throws(KeyError) -> [UInt8] {
        defer { ERR_clear_error() }
        // Without a callback OpenSSL would ask a terminal for the passphrase.
        let read = key.withUnsafeBytes { bytes in
            let input = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count))
            defer { BIO_free(input) }
            return PEM_read_bio_PrivateKey(input, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let key = read else { throw KeyError() }
        defer { EVP_PKEY_free(key) }
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, let context = EVP_MD_CTX_new() else { throw KeyError() }
        defer { EVP_MD_CTX_free(context) }
        var length = 0
        guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
            EVP_DigestSign(context, nil, &length, content, content.count) == 1
        else { throw KeyError() }
        var signature = [UInt8](repeating: 0, count: length)
        guard EVP_DigestSign(context, &signature, &length, content, content.count) == 1 else { throw KeyError() }
        return Array(signature.prefix(length))
    }
}
