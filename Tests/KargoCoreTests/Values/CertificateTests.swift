import COpenSSL
import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Certificate")
struct CertificateTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let authority: Certificate.Pair

    init() throws {
        authority = try Certificate.makeAuthority(name: "authority", now: Self.now, days: 365)
    }

    private func makeServer(
        name: String = "server",
        addresses: [String] = ["127.0.0.1", "::1"],
        names: [String] = ["localhost", "*.kargo.svc"],
        authority: [UInt8]? = nil,
        key: [UInt8]? = nil
    ) throws -> Certificate.Pair {
        try Certificate.makeServer(
            name: name,
            addresses: addresses,
            names: names,
            authority: authority ?? self.authority.certificate,
            authorityKey: key ?? self.authority.key,
            now: Self.now,
            days: 30
        )
    }

    /// Does something with a certificate as OpenSSL reads it.
    private func read<Result>(_ pem: [UInt8], _ body: (OpaquePointer) throws -> Result) throws -> Result {
        let input = BIO_new_mem_buf(pem, Int32(pem.count))
        defer { BIO_free(input) }
        let certificate = try #require(PEM_read_bio_X509(input, nil, nil, nil))
        defer { X509_free(certificate) }
        return try body(certificate)
    }

    /// OpenSSL's verdict on a server's certificate at a time.
    private func verify(_ server: [UInt8], with authority: [UInt8], at time: Date) throws -> Int32 {
        try read(server) { server in
            try read(authority) { authority in
                let store = X509_STORE_new()
                defer { X509_STORE_free(store) }
                try #require(X509_STORE_add_cert(store, authority) == 1)
                let context = X509_STORE_CTX_new()
                defer { X509_STORE_CTX_free(context) }
                try #require(X509_STORE_CTX_init(context, store, server, nil) == 1)
                try #require(X509_STORE_CTX_set_default(context, "ssl_server") == 1)
                X509_STORE_CTX_set_time(context, 0, time_t(time.timeIntervalSince1970))
                _ = X509_verify_cert(context)
                return X509_STORE_CTX_get_error(context)
            }
        }
    }

    @Test func `of a server is good for whoever trusts its authority`() throws {
        let server = try makeServer()
        #expect(try verify(server.certificate, with: authority.certificate, at: Self.now) == X509_V_OK)
        let namesake = try makeServer(name: "authority")
        #expect(try verify(namesake.certificate, with: authority.certificate, at: Self.now) == X509_V_OK)
        let other = try Certificate.makeAuthority(name: "authority", now: Self.now, days: 365)
        #expect(try verify(server.certificate, with: other.certificate, at: Self.now) != X509_V_OK)
    }

    @Test(
        arguments: [
            (-2, X509_V_ERR_CERT_NOT_YET_VALID), (-0.5, X509_V_OK), (29, X509_V_OK), (31, X509_V_ERR_CERT_HAS_EXPIRED),
        ] as [(Double, Int32)]
    )
    func `is good for its days, and for clocks that are behind`(_ days: Double, _ verdict: Int32) throws {
        let time = Self.now.addingTimeInterval(days * 86_400)
        #expect(try verify(makeServer().certificate, with: authority.certificate, at: time) == verdict)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("::1", true), ("127.0.0.2", false), ("localhost", true), ("api.kargo.svc", true),
        ("kargo.example", false), ("server", false),
    ])
    func `is for its addresses and names`(_ host: String, _ expected: Bool) throws {
        try read(makeServer().certificate) { certificate in
            let isAddress = host.contains(":") || host.first?.isNumber == true
            let matches =
                isAddress
                ? X509_check_ip_asc(certificate, host, 0) : X509_check_host(certificate, host, 0, 0, nil)
            #expect((matches == 1) == expected)
        }
    }

    @Test func `has the key that belongs to it`() throws {
        let server = try makeServer()
        let belongs = { (certificate: [UInt8], key: [UInt8]) in
            let input = BIO_new_mem_buf(key, Int32(key.count))
            defer { BIO_free(input) }
            let key = PEM_read_bio_PrivateKey(input, nil, nil, nil)
            defer { EVP_PKEY_free(key) }
            return try self.read(certificate) { X509_check_private_key($0, key) == 1 }
        }
        #expect(try belongs(authority.certificate, authority.key))
        #expect(try belongs(server.certificate, server.key))
        #expect(try !belongs(server.certificate, authority.key))
    }

    @Test func `says when its life ends`() throws {
        #expect(Certificate.expiry(of: authority.certificate) == Self.now.addingTimeInterval(365 * 86_400))
        #expect(Certificate.expiry(of: try makeServer().certificate) == Self.now.addingTimeInterval(30 * 86_400))
        #expect(Certificate.expiry(of: []) == .distantPast)
        #expect(Certificate.expiry(of: authority.key) == .distantPast)
        #expect(Certificate.expiry(of: Array(authority.certificate.prefix(100))) == .distantPast)
    }

    @Test func `is another one each time`() throws {
        #expect(try makeServer().certificate != makeServer().certificate)
        #expect(try makeServer().key != makeServer().key)
    }

    @Test func `is not made of what is none`() throws {
        #expect(throws: Certificate.Failure.self) { try makeServer(authority: []) }
        #expect(throws: Certificate.Failure.self) { try makeServer(key: Array("no key".utf8)) }
        #expect(throws: Certificate.Failure.self) { try makeServer(addresses: [], names: []) }
        #expect(throws: Certificate.Failure.self) {
            try Certificate.makeAuthority(name: String(repeating: "n", count: 65), now: Self.now, days: 1)
        }
    }

    @Test func `gives the reason of this failure and not of one before`() throws {
        _ = #expect(throws: Certificate.Failure.self) { try makeServer(addresses: ["no address"]) }
        let failure = #expect(throws: Certificate.Failure.self) { try makeServer(key: Array("no key".utf8)) }
        #expect(failure?.description.hasPrefix("reading a key failed") == true)
        #expect(failure?.description.contains("address") == false)
        #expect(failure?.description.contains("extension") == false)
    }
}
