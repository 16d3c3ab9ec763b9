import KargoCore
import KargoTestSupport
import Subprocess
import Testing

/// How a watch ends over a real connection.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct WatchEndIntegrationTests {
    /// Begins a watch, then closes its side of the TLS connection and waits for the server to do the same.
    private static let client = """
        import os, socket, ssl, sys, urllib.parse
        address = urllib.parse.urlparse(sys.argv[1])
        context = ssl.create_default_context(cafile=sys.argv[3])
        raw = socket.create_connection((address.hostname, address.port), timeout=30)
        connection = context.wrap_socket(raw, server_hostname=address.hostname)
        token = open(sys.argv[2]).read()
        connection.sendall((
            "GET /api/v1/namespaces?watch=true&labelSelector=none HTTP/1.1\\r\\nHost: localhost\\r\\n"
            f"Authorization: Bearer {token}\\r\\n\\r\\n").encode())
        answer = b""
        while b"\\r\\n\\r\\n" not in answer:
            answer += connection.recv(65536)
        connection.unwrap()
        print(answer.decode().splitlines()[0])
        """

    @Test func `the server closes the connection of a client that has gone`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory) { cluster in
                let address = try #require(cluster.running.address)
                let token = "\(cluster.installation.dataDirectory)/admin.token"
                let outcome = try await Subprocess.run(
                    .name("python3"),
                    arguments: ["-c", Self.client, address, token, "\(cluster.installation.dataDirectory)/ca.crt"],
                    output: .string(limit: 4096),
                    error: .string(limit: 65536)
                )
                #expect(outcome.standardOutput == "HTTP/1.1 200 OK\n", "\(outcome.standardError)")
            }
        }
    }
}
