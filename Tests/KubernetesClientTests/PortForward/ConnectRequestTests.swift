import Testing

@testable import KubernetesClient

@Suite("Requests to the port-forward proxy")
struct ConnectRequestTests {
    // kargo:secret
    private static let password = "proxy-authorization: Basic a2FyZ286c2VjcmV0"

    private func request(_ line: String, _ header: String = password) -> ConnectRequest? {
        ConnectRequest("\(line)\r\nhost: x\r\n\(header)\r\n\r\n", token: "secret")
    }

    @Test(
        arguments: [
            ("CONNECT agent.demo.pod:9764 HTTP/1.1", "agent", "demo", 9764),
            ("CONNECT a.b.demo.pod:1 HTTP/1.1", "a.b", "demo", 1),
        ]
    )
    func `name a Pod and a port`(line: String, pod: String, namespace: String, port: Int) throws {
        let known = try #require(request(line))
        #expect([known.pod, known.namespace, "\(known.port)"] == [pod, namespace, "\(port)"])
    }

    @Test(
        arguments: [
            "GET agent.demo.pod:9764 HTTP/1.1", "CONNECT agent.demo:9764 HTTP/1.1", "CONNECT demo.pod:9764 HTTP/1.1",
            "CONNECT agent.demo.pod HTTP/1.1", "CONNECT agent.demo.pod:0 HTTP/1.1", "CONNECT agent..pod:1 HTTP/1.1",
            "CONNECT agent.demo.pod:65536 HTTP/1.1", "CONNECT a/b.demo.pod:1 HTTP/1.1", "CONNECT A.demo.pod:1 HTTP/1.1",
            "CONNECT a%2f.demo.pod:1 HTTP/1.1", "CONNECT agent.demo.pod:9764", "",
        ]
    )
    func `are refused when they name none`(line: String) {
        #expect(request(line) == nil)
    }

    @Test(
        arguments: [
            "", "proxy-authorization: Basic", "proxy-authorization: Basic a2FyZ286d3Jvbmc=",
            "proxy-authorization: Bearer secret", "authorization: Basic a2FyZ286c2VjcmV0",
            "proxy-authorization: Basic %%",
        ]
    )
    func `are refused without the password`(header: String) {
        #expect(request("CONNECT agent.demo.pod:9764 HTTP/1.1", header) == nil)
    }
}
