import KargoCore
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("http: proxies")
struct ProxyRulesTests {
    @Test(
        arguments: [
            ("http://example.com/", "", true), ("https://example.com/", "", true), ("http://localhost/", "", false),
            ("http://127.0.0.2/", "", false), ("http://[::1]/", "", false), ("http://example.com/", "*", false),
            ("http://example.com/", "example.com", false), ("http://a.example.com/", "example.com", false),
            ("http://badexample.com/", "example.com", true), ("http://example.com/", ".example.com", true),
            ("http://a.example.com/", ".example.com", false), ("http://a.example.com/", "*.example.com", false),
            ("http://example.com/", "*.example.com", true), ("http://EXAMPLE.com/", " x , Example.COM ", false),
            ("http://example.com:8080/", "example.com:8080", false), ("http://example.com/", "example.com:8080", true),
            ("http://10.1.2.3/", "10.0.0.0/8", false), ("http://11.1.2.3/", "10.0.0.0/8", true),
            ("http://10.1.2.3/", "10.1.2.3", false), ("http://10.1.2.3/", "10.1.2.3:81", true),
            ("http://[fd00::1]/", "fd00::/9", false), ("http://[fe00::1]/", "fd00::/9", true),
            ("http://example.com/", "10.0.0.0/99,/,:,", true),
        ]
    )
    func `have exceptions`(url: String, noProxy: String, isProxied: Bool) throws {
        let rules = ProxyRules(environment: [
            "HTTP_PROXY": "http://p:3128", "https_proxy": "p:3129", "no_proxy": noProxy,
        ])
        #expect((try rules.proxy(for: RequestURL(url)) != nil) == isProxied)
    }

    @Test func `are none without variables`() throws {
        #expect(try ProxyRules(environment: [:]).proxy(for: RequestURL("http://example.com/")) == nil)
        let rules = ProxyRules(environment: ["HTTPS_PROXY": "p", "http_proxy": ""])
        #expect(try rules.proxy(for: RequestURL("http://example.com/")) == nil)
        #expect(try rules.proxy(for: RequestURL("https://example.com/"))?.url.host == "p")
    }

    @Test(arguments: ["https://p:3128", "socks5://p:1080", "http://", "ftp://p"])
    func `that can't be used are an error`(proxy: String) throws {
        let rules = ProxyRules(environment: ["HTTP_PROXY": proxy])
        let url = try RequestURL("http://example.com/")
        #expect(throws: RequestURL.Malformed.self) { try rules.proxy(for: url) }
    }

    @Test(arguments: [true, false])
    func `are asked for a tunnel`(isFromEnvironment: Bool) async throws {
        try await StubServer.with(answer: .always(StubServer.Response(status: 403))) { proxy async throws in
            let address = "http://user:pass@127.0.0.1:\(proxy.port)"
            let environment = isFromEnvironment ? ["HTTP_PROXY": address] : [:]
            try await HTTPBench.with(environment: environment, answer: .always(.text("{}"))) { http async throws in
                var config: [String: JSONValue] = ["url": "http://example.test/"]
                if !isFromEnvironment { config["proxy"] = .string(address) }
                #expect(try await http.run(config).status == .errored)
                #expect(http.server.requests.isEmpty)
            }
            #expect(proxy.requests.map(\.method) == [.CONNECT])
            #expect(proxy.requests.first?.uri == "example.test:80")
            #expect(proxy.requests.first?.headers["proxy-authorization"] == ["Basic dXNlcjpwYXNz"])
        }
    }
}
