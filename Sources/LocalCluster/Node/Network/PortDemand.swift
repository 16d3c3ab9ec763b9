import KargoCore

/// The TCP ports that the containers of a Pod listen on, each of them once.
struct PortDemand: Sendable, Hashable, Codable {
    /// The ports that are taken on all addresses of the machine, because a program usually listens on all.
    var everywhere: [UInt16] = []
    /// The ports that are taken on the Pod's address only.
    var ownAddress: [UInt16] = []

    /// Whether no port is needed.
    var isEmpty: Bool { everywhere.isEmpty && ownAddress.isEmpty }

    /// The ports of no Pod.
    init() {}

    /// The ports of a Pod, where a container that asks for its Pod's address is taken to listen there only.
    init(_ spec: PodSpec) {
        var (everywhere, own) = (Set<UInt16>(), Set<UInt16>())
        for container in spec.initContainers + spec.containers {
            let ports = container.ports.filter { $0.protocol.isEmpty || $0.protocol == "TCP" }
                .compactMap { UInt16(exactly: $0.containerPort) }
            if container.knowsItsAddress { own.formUnion(ports) } else { everywhere.formUnion(ports) }
        }
        self.everywhere = everywhere.sorted()
        ownAddress = own.subtracting(everywhere).sorted()
    }
}

extension Container {
    fileprivate var knowsItsAddress: Bool {
        env.contains { ["status.podIP", "status.podIPs"].contains($0.valueFrom?.fieldRef?.fieldPath) }
    }
}
