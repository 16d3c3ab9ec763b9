import KargoCore

extension APIHandler {
    /// A port-forward that comes as a plain request, or that wants SPDY.
    static let noPortForward = APIFailure.badRequest(
        "this cluster forwards ports over WebSocket with the subprotocol \(ForwardedPort.subprotocol) only; from this "
            + "machine, connect to the address of the Pod instead (kubectl get pod -o wide)"
    )

    /// Finds the port that a request asks for.
    ///
    /// - Parameters:
    ///   - path: The path, which ends in `/portforward`.
    ///   - query: The query, with `ports`.
    ///   - subprotocols: The ways of framing that the client knows.
    /// - Returns: The port.
    /// - Throws: ``APIFailure``.
    func forwardedPort(
        _ path: String,
        _ query: [String: String],
        subprotocols: [String]
    ) throws -> ForwardedPort {
        guard let target = ResourcePath(path.split(separator: "/").map(String.init)), target.plural == "pods",
            target.group.isEmpty, let name = target.name, let namespace = target.namespace,
            let definition = catalog.definition(CoreResources.pods)
        else { throw APIFailure.noSuchPath }
        guard subprotocols.contains(ForwardedPort.subprotocol) else { throw Self.noPortForward }
        guard let port = query["ports"].flatMap({ UInt16($0) }), port > 0 else {
            throw APIFailure.badRequest("ports must be one number from 1 to 65535, not \"\(query["ports"] ?? "")\"")
        }
        let object = try stored(definition, ObjectKey(namespace: namespace, name: name))
        let pod = try JSONValueDecoder().decode(Pod.self, from: object.json())
        guard pod.status.phase == PodPhase.running, !pod.status.podIP.isEmpty else {
            throw APIFailure.badRequest("unable to forward port because pod is not running; it is \(pod.status.phase)")
        }
        return ForwardedPort(address: pod.status.podIP, port: port)
    }
}
