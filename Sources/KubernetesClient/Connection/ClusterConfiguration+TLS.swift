import KargoCore
import NIOSSL

extension ClusterConfiguration {
    /// What TLS connections to the server need: whom to trust, and the client certificate if there is one.
    ///
    /// The name that the server's certificate must be for is ``tlsServerName``, else the host of ``server``.
    ///
    /// - Throws: ``KubernetesError`` with code `configuration` for a certificate or key that can't be read.
    func tlsConfiguration() throws(KubernetesError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        do {
            if let authority = certificateAuthority {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
            }
            if let pair = clientCertificate {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(pair.chain).map { .certificate($0) }
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: pair.key, format: .pem))
            }
        } catch {
            throw KubernetesError(.configuration, "a certificate or key for \(server) can't be read: \(error)")
        }
        if skipsVerification { tls.certificateVerification = .none }
        return tls
    }

    /// The headers by which the caller asks to be taken for somebody else.
    var impersonationHeaders: [(name: String, value: String)] {
        guard let impersonation else { return [] }
        var headers = [(name: "impersonate-user", value: impersonation.user)]
        if !impersonation.uid.isEmpty { headers.append(("impersonate-uid", impersonation.uid)) }
        headers += impersonation.groups.map { ("impersonate-group", $0) }
        for (key, values) in impersonation.extra.sorted(by: { $0.key < $1.key }) {
            headers += values.map { ("impersonate-extra-\(key.percentEncoded)", $0) }
        }
        return headers
    }
}
