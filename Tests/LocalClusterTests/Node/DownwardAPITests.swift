import KargoCore
import Testing

@testable import LocalCluster

struct DownwardAPITests {
    private let api: DownwardAPI

    init() throws {
        var pod = Pod()
        pod.metadata.name = "p"
        pod.metadata.namespace = "ns"
        pod.metadata.uid = "u"
        pod.metadata.labels = ["a/b": "1", "c": "2"]
        pod.metadata.annotations = ["k": "line\nline"]
        var container = Container()
        container.name = "c"
        container.resources.limits["memory"] = try Quantity("64Mi")
        container.resources.requests["cpu"] = try Quantity("1500m")
        pod.spec.containers = [container]
        api = DownwardAPI(
            pod: pod,
            address: "127.64.1.2",
            node: NodeFacts(name: "local", processors: 3, memory: 1 << 30)
        )
    }

    @Test(arguments: [
        ("metadata.name", "p"), ("metadata.namespace", "ns"), ("metadata.uid", "u"), ("metadata.labels['a/b']", "1"),
        ("metadata.labels['x']", ""), ("metadata.annotations['k']", "line\nline"),
        ("metadata.labels", "a/b=\"1\"\nc=\"2\""),
        ("metadata.annotations", "k=\"line\\nline\""), ("spec.nodeName", "local"),
        ("spec.serviceAccountName", "default"), ("status.podIP", "127.64.1.2"), ("status.podIPs", "127.64.1.2"),
        ("status.hostIP", "127.0.0.1"),
    ])
    func `tells a field`(path: String, value: String) throws {
        #expect(try api.field(path) == value)
    }

    @Test(arguments: ["", "spec", "metadata.finalizers", "spec.containers['x']", "metadata.labels[x]"])
    func `refuses what can't be asked for`(path: String) {
        #expect(throws: ValueError.self) { try api.field(path) }
    }

    @Test(arguments: [
        ("limits.memory", "0", "67108864"), ("limits.memory", "1Mi", "64"), ("limits.memory", "1000k", "68"),
        ("requests.memory", "1Mi", "64"), ("limits.cpu", "0", "3"), ("requests.cpu", "0", "2"),
        ("requests.cpu", "1m", "1500"),
    ])
    func `tells the amount of a resource`(resource: String, divisor: String, value: String) throws {
        var selector = ResourceFieldSelector()
        selector.resource = resource
        selector.divisor = try Quantity(divisor)
        #expect(try api.resource(selector, of: api.pod.spec.containers[0]) == value)
        selector.containerName = "c"
        #expect(try api.resource(selector, of: nil) == value)
    }

    @Test(arguments: [("limits.disk", "c"), ("cpu", "c"), ("limits.cpu", "other"), ("limits.cpu", "")])
    func `refuses a resource that it does not know`(resource: String, container: String) {
        var selector = ResourceFieldSelector()
        selector.resource = resource
        selector.containerName = container
        #expect(throws: ValueError.self) { try api.resource(selector, of: nil) }
    }
}
