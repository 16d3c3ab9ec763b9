#if os(Linux)
import Testing

@testable import LocalCluster

struct HTTPProbeTests {
    @Test func `asks as the kubelet does`() {
        let check = HTTPCheck(
            host: "127.64.0.1",
            port: 8080,
            path: "/ok?x=1",
            headers: [HTTPCheck.Header(name: "X-A", value: "b")]
        )
        #expect(
            String(decoding: HTTPProbe(check).request, as: UTF8.self)
                == "GET /ok?x=1 HTTP/1.1\r\nHost: 127.64.0.1:8080\r\nUser-Agent: kube-probe/1.32\r\nAccept: */*\r\n"
                + "X-A: b\r\nConnection: close\r\n\r\n"
        )
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\n", 200), ("HTTP/1.0 404\r\n", 404), ("HTTP/1.1 20 x\r\n", nil), ("SSH-2.0\r\n", nil),
            ("", nil),
        ] as [(String, Int?)]
    )
    func `reads the status of an answer`(answer: String, status: Int?) {
        #expect(HTTPProbe.status(Array(answer.utf8)) == status)
    }
}
#endif
