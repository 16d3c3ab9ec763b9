import COpenSSL

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// X.509 certificates with keys on the curve P-256, made by the system's OpenSSL.
public enum Certificate {
    /// A certificate and the key that belongs to it, both in PEM.
    public struct Pair: Sendable {
        /// The certificate.
        public var certificate: [UInt8]
        /// The private key.
        public var key: [UInt8]

        /// Makes a pair of what is kept somewhere.
        public init(certificate: [UInt8], key: [UInt8]) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// OpenSSL did not do what it was asked.
    public struct Failure: Error, CustomStringConvertible {
        /// What was being done, and OpenSSL's reason.
        public let description: String

        fileprivate init(_ what: String) {
            let code = ERR_get_error()
            let reason = code == 0 ? nil : ERR_reason_error_string(code).map { String(cString: $0) }
            // OpenSSL reports one failure several times, and what is left would stand for the next one.
            ERR_clear_error()
            description = "\(what) failed" + (reason.map { ": \($0)" } ?? "")
        }
    }

    /// Makes an authority that signs itself.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - key: Its key in PEM, for the successor of an authority; nil for a new one.
    ///   - now: The time from which it counts.
    ///   - days: For how long.
    /// - Returns: The certificate and its key.
    /// - Throws: ``Failure``.
    public static func makeAuthority(name: String, key: [UInt8]? = nil, now: Date, days: Int) throws -> Pair {
        let key = try key.map { try read(key: $0) } ?? makeKey()
        defer { EVP_PKEY_free(key) }
        let certificate = try make(name: name, key: key, issuer: nil, signer: key, now: now, days: days) { draft in
            try add(NID_basic_constraints, "critical,CA:TRUE", to: draft)
            try add(NID_key_usage, "critical,keyCertSign,cRLSign", to: draft)
            try add(NID_subject_key_identifier, "hash", to: draft)
        }
        defer { X509_free(certificate) }
        return Pair(certificate: try pem(certificate: certificate), key: try pem(key: key))
    }

    /// Makes the certificate of a server.
    ///
    /// - Parameters:
    ///   - name: Its name for people.
    ///   - addresses: The IP addresses that it is for.
    ///   - names: The host names that it is for.
    ///   - authority: The certificate of who signs it.
    ///   - authorityKey: The key of who signs it.
    ///   - now: The time from which it counts.
    ///   - days: For how long.
    /// - Returns: The certificate and its key.
    /// - Throws: ``Failure``.
    public static func makeServer(
        name: String,
        addresses: [String],
        names: [String],
        authority: [UInt8],
        authorityKey: [UInt8],
        now: Date,
        days: Int
    ) throws -> Pair {
        let issuer = try read(certificate: authority)
        defer { X509_free(issuer) }
        let signer = try read(key: authorityKey)
        defer { EVP_PKEY_free(signer) }
        let key = try makeKey()
        defer { EVP_PKEY_free(key) }
        let alternatives = (addresses.map { "IP:\($0)" } + names.map { "DNS:\($0)" }).joined(separator: ",")
        let certificate = try make(name: name, key: key, issuer: issuer, signer: signer, now: now, days: days) {
            draft in
            try add(NID_basic_constraints, "critical,CA:FALSE", to: draft)
            // Without its own identifier OpenSSL takes one that has its authority's name for self-signed.
            try add(NID_subject_key_identifier, "hash", to: draft)
            try add(NID_authority_key_identifier, "keyid", to: draft, issuer: issuer)
            try add(NID_key_usage, "critical,digitalSignature", to: draft)
            try add(NID_ext_key_usage, "serverAuth", to: draft)
            try add(NID_subject_alt_name, alternatives, to: draft)
        }
        defer { X509_free(certificate) }
        return Pair(certificate: try pem(certificate: certificate), key: try pem(key: key))
    }

    /// Makes the certificate of a server that vouches for itself, for clients that know the certificate.
    ///
    /// - Parameters:
    ///   - name: The host name that it is for.
    ///   - now: The time from which it counts.
    ///   - days: For how long.
    /// - Returns: The certificate and its key.
    /// - Throws: ``Failure``.
    public static func makeSelfSignedServer(name: String, now: Date, days: Int) throws -> Pair {
        let key = try makeKey()
        defer { EVP_PKEY_free(key) }
        let certificate = try make(name: name, key: key, issuer: nil, signer: key, now: now, days: days) { draft in
            // No key usage: without the right to sign certificates it would not count as its own issuer.
            try add(NID_basic_constraints, "critical,CA:FALSE", to: draft)
            try add(NID_subject_key_identifier, "hash", to: draft)
            try add(NID_ext_key_usage, "serverAuth", to: draft)
            try add(NID_subject_alt_name, "DNS:\(name)", to: draft)
        }
        defer { X509_free(certificate) }
        return Pair(certificate: try pem(certificate: certificate), key: try pem(key: key))
    }

    /// The end of a certificate's life; the distant past for what is no certificate.
    ///
    /// - Parameter certificate: The certificate in PEM.
    /// - Returns: The end.
    public static func expiry(of certificate: [UInt8]) -> Date {
        guard let value = try? read(certificate: certificate) else { return .distantPast }
        defer { X509_free(value) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = ASN1_TIME_set(nil, 0)
        defer { ASN1_TIME_free(epoch) }
        guard ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(value)) == 1 else { return .distantPast }
        return Date(timeIntervalSince1970: Double(days) * 86_400 + Double(seconds))
    }

    /// Whether a certificate is for an IP address.
    ///
    /// - Parameters:
    ///   - certificate: The certificate in PEM.
    ///   - address: The address in its usual form.
    /// - Returns: Whether it is; false for what is no certificate.
    public static func covers(_ certificate: [UInt8], address: String) -> Bool {
        guard let value = try? read(certificate: certificate) else { return false }
        defer { X509_free(value) }
        return X509_check_ip_asc(value, address, 0) == 1
    }

    /// Whether a certificate is for a host name.
    ///
    /// - Parameters:
    ///   - certificate: The certificate in PEM.
    ///   - name: The name.
    /// - Returns: Whether it is; false for what is no certificate.
    public static func covers(_ certificate: [UInt8], name: String) -> Bool {
        guard let value = try? read(certificate: certificate) else { return false }
        defer { X509_free(value) }
        return X509_check_host(value, name, name.utf8.count, 0, nil) == 1
    }

    /// Whether a certificate and a key belong together; false for what is neither.
    public static func matches(_ pair: Pair) -> Bool {
        guard let certificate = try? read(certificate: pair.certificate) else { return false }
        defer { X509_free(certificate) }
        guard let key = try? read(key: pair.key) else { return false }
        defer { EVP_PKEY_free(key) }
        return X509_check_private_key(certificate, key) == 1
    }

    private static func make(
        name: String,
        key: OpaquePointer,
        issuer: OpaquePointer?,
        signer: OpaquePointer,
        now: Date,
        days: Int,
        extend: (OpaquePointer) throws -> Void
    ) throws -> OpaquePointer {
        guard let draft = X509_new() else { throw Failure("making a certificate") }
        var isDone = false
        defer { if !isDone { X509_free(draft) } }
        // A clock that runs behind must not refuse the certificate.
        let start = time_t(now.timeIntervalSince1970) - 86_400
        let serial = Int64.random(in: 1 ... .max)
        guard X509_set_version(draft, 2) == 1,
            ASN1_INTEGER_set_int64(X509_get_serialNumber(draft), serial) == 1,
            ASN1_TIME_set(X509_getm_notBefore(draft), start) != nil,
            ASN1_TIME_set(X509_getm_notAfter(draft), start + time_t(days + 1) * 86_400) != nil,
            X509_set_pubkey(draft, key) == 1,
            X509_NAME_add_entry_by_txt(
                X509_get_subject_name(draft),
                "CN",
                MBSTRING_UTF8,
                name,
                Int32(name.utf8.count),
                -1,
                0
            ) == 1,
            X509_set_issuer_name(draft, X509_get_subject_name(issuer ?? draft)) == 1
        else { throw Failure("making a certificate") }
        try extend(draft)
        guard X509_sign(draft, signer, EVP_sha256()) > 0 else { throw Failure("signing a certificate") }
        isDone = true
        return draft
    }

    private static func add(
        _ identifier: Int32,
        _ value: String,
        to certificate: OpaquePointer,
        issuer: OpaquePointer? = nil
    ) throws {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer ?? certificate, certificate, nil, nil, 0)
        guard let entry = X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
            throw Failure("adding \(value) to a certificate")
        }
        defer { X509_EXTENSION_free(entry) }
        guard X509_add_ext(certificate, entry, -1) == 1 else { throw Failure("adding \(value) to a certificate") }
    }

    private static func makeKey() throws -> OpaquePointer {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw Failure("making a key") }
        return key
    }

    private static func read(certificate: [UInt8]) throws -> OpaquePointer {
        let input = BIO_new_mem_buf(certificate, Int32(certificate.count))
        defer { BIO_free(input) }
        guard let value = PEM_read_bio_X509(input, nil, nil, nil) else { throw Failure("reading a certificate") }
        return value
    }

    private static func read(key: [UInt8]) throws -> OpaquePointer {
        let input = BIO_new_mem_buf(key, Int32(key.count))
        defer { BIO_free(input) }
        guard let value = PEM_read_bio_PrivateKey(input, nil, nil, nil) else { throw Failure("reading a key") }
        return value
    }

    private static func pem(certificate: OpaquePointer) throws -> [UInt8] {
        try text { PEM_write_bio_X509($0, certificate) == 1 }
    }

    private static func pem(key: OpaquePointer) throws -> [UInt8] {
        try text { PEM_write_bio_PrivateKey($0, key, nil, nil, 0, nil, nil) == 1 }
    }

    private static func text(_ write: (OpaquePointer) -> Bool) throws -> [UInt8] {
        guard let output = BIO_new(BIO_s_mem()) else { throw Failure("writing PEM") }
        defer { BIO_free(output) }
        guard write(output) else { throw Failure("writing PEM") }
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(output)))
        guard BIO_read(output, &bytes, Int32(bytes.count)) == bytes.count else { throw Failure("writing PEM") }
        return bytes
    }
}
