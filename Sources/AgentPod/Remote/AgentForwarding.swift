public import AsyncHTTPClient
public import KubernetesClient

/// What reaches agents through the API server.
public struct AgentForwarding: Sendable {
    /// The proxy that leads to Pods; somebody runs it.
    public var proxy: PortForwardProxy
    /// What calls agents through the proxy.
    public var client: HTTPClient

    /// Makes it of its parts.
    public init(proxy: PortForwardProxy, client: HTTPClient) {
        self.proxy = proxy
        self.client = client
    }
}
