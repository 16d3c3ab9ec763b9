import KargoCore
import NIOSSL

/// A certificate of 127.0.0.1 and cluster.test that vouches for itself, valid for a hundred years.
enum TestCertificate {
    static let chain = """
        -----BEGIN CERTIFICATE-----
        MIIBYDCCAQagAwIBAgIBATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDAR0ZXN0MCAX
        DTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAPMQ0wCwYDVQQDDAR0ZXN0
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGqZAxWPBq2IohugRBfg3YkUFCr84
        m8KBPby7HjTvnMewIgOdjqOxDNhxHwibd89MnMj9aoH9KrL9Fnho7uA9j6NRME8w
        HQYDVR0RBBYwFIcEfwAAAYIMY2x1c3Rlci50ZXN0MA8GA1UdEwEB/wQFMAMBAf8w
        HQYDVR0OBBYEFCwcl6aCdVTqK78g/HbnnKSyI/HRMAoGCCqGSM49BAMCA0gAMEUC
        IQDOk6li3NzmBFq/8SBq1Kh8M69supBOYaogLiPaWyPZxAIgPA54w0NCEViewwE+
        TuPXnuuhb1nh21CGfMigIjWmCgo=
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgC6rjFwks7lon3Pq1
        g6cCkNK4cPUmoJrUN5EeCeZ/gp+hRANCAAQapkDFY8GrYiiG6BEF+DdiRQUKvzib
        woE9vLseNO+cx7AiA52Oo7EM2HEfCJt3z0ycyP1qgf0qsv0WeGju4D2P
        -----END PRIVATE KEY-----
        """

    /// What a server needs that has a certificate of its own and lets everybody in.
    static func serverContext(_ pair: Certificate.Pair) throws -> NIOSSLContext {
        try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [
                    .certificate(try NIOSSLCertificate(bytes: pair.certificate, format: .pem))
                ],
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: pair.key, format: .pem))
            )
        )
    }

    /// What a server needs that has the certificate and lets nobody in without it.
    static func serverContext() throws -> NIOSSLContext {
        let certificate = try NIOSSLCertificate(bytes: Array(chain.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        configuration.trustRoots = .certificates([certificate])
        configuration.certificateVerification = .noHostnameVerification
        return try NIOSSLContext(configuration: configuration)
    }
}
