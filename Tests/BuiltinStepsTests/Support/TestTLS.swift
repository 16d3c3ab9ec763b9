import KargoCore
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The certificate of a server, signed by nobody whom anybody knows.
enum TestTLS {
    static func context(for name: String) throws -> NIOSSLContext {
        let authority = try Certificate.makeAuthority(name: "nobody", now: Date(), days: 1)
        let pair = try Certificate.makeServer(
            name: name,
            addresses: [],
            names: [name],
            authority: authority.certificate,
            authorityKey: authority.key,
            now: Date(),
            days: 1
        )
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMBytes(pair.certificate).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: pair.key, format: .pem))
            )
        )
    }
}
