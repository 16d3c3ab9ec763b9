import KargoCore

/// Makes of a container's probes and hooks what its shim does.
struct CheckPlanner {
    /// The Pod.
    var pod: Pod
    /// The Pod's address, which is asked where a check names no host.
    var address: String
    /// The container.
    var container: Container

    /// The checks of the container.
    ///
    /// - Throws: ``PodBlocker`` for a check that makes no sense.
    func plan() throws(PodBlocker) -> CheckPlan {
        CheckPlan(
            startup: try probe(container.startupProbe, "startupProbe"),
            readiness: try probe(container.readinessProbe, "readinessProbe"),
            liveness: try probe(container.livenessProbe, "livenessProbe"),
            postStart: try hook(container.lifecycle?.postStart, "lifecycle.postStart"),
            preStop: try hook(container.lifecycle?.preStop, "lifecycle.preStop")
        )
    }

    /// Whether a probe is one that this node makes.
    static func isSupported(_ probe: Probe?) -> Bool {
        guard let probe else { return true }
        return probe.grpc == nil && probe.httpGet?.scheme != "HTTPS"
    }

    /// Whether a hook is one that this node runs.
    static func isSupported(_ hook: LifecycleHandler?) -> Bool { hook?.httpGet?.scheme != "HTTPS" }

    private func probe(_ probe: Probe?, _ field: String) throws(PodBlocker) -> ProbePlan? {
        guard let probe, Self.isSupported(probe) else { return nil }
        guard let action = try action(probe.exec, probe.httpGet, probe.tcpSocket, field) else { return nil }
        return ProbePlan(
            action: action,
            initialDelaySeconds: probe.initialDelaySeconds,
            timeoutSeconds: probe.timeoutSeconds > 0 ? probe.timeoutSeconds : 1,
            periodSeconds: probe.periodSeconds > 0 ? probe.periodSeconds : 10,
            successThreshold: max(1, probe.successThreshold),
            failureThreshold: probe.failureThreshold > 0 ? probe.failureThreshold : 3,
            gracePeriodSeconds: probe.terminationGracePeriodSeconds
        )
    }

    private func hook(_ hook: LifecycleHandler?, _ field: String) throws(PodBlocker) -> CheckAction? {
        guard let hook, Self.isSupported(hook) else { return nil }
        if let sleep = hook.sleep { return .sleep(sleep.seconds) }
        return try action(hook.exec, hook.httpGet, hook.tcpSocket, field)
    }

    private func action(
        _ exec: ExecAction?,
        _ page: HTTPGetAction?,
        _ socket: TCPSocketAction?,
        _ field: String
    ) throws(PodBlocker) -> CheckAction? {
        if let exec { return .exec(exec.command) }
        if let page {
            let path = page.path.hasPrefix("/") ? page.path : "/\(page.path)"
            return .http(
                HTTPCheck(
                    host: page.host.isEmpty ? address : page.host,
                    port: try port(page.port, field),
                    path: path,
                    headers: page.httpHeaders.map { HTTPCheck.Header(name: $0.name, value: $0.value) }
                )
            )
        }
        guard let socket else { return nil }
        return .tcp(host: socket.host.isEmpty ? address : socket.host, port: try port(socket.port, field))
    }

    private func port(_ value: IntOrString, _ field: String) throws(PodBlocker) -> UInt16 {
        var number: Int32?
        switch value {
        case .int(let given): number = Int32(exactly: given)
        case .string(let name):
            number = container.ports.first { $0.name == name }?.containerPort ?? Int32(name)
        }
        guard let number, let port = UInt16(exactly: number), port > 0 else {
            throw .configuration(
                of: container.name,
                "\(field) of container \"\(container.name)\" names a port that the container does not have",
                remedy: .none
            )
        }
        return port
    }
}
