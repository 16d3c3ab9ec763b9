import ArgoCompat
import KargoCore
import StepPluginRegistry

/// Plugins and Promotions that the suites share.
enum PluginFixtures {
    /// A plugin with a container as little as may be; the rest is for the test to change.
    static func plugin(
        _ name: String = "probe",
        namespace: String = "demo",
        container: String? = nil,
        ports: [Int32] = [9765],
        kinds: [String]? = nil,
        change: (inout Container) -> Void = { _ in }
    ) -> RegisteredPlugin {
        var plugin = StepPlugin()
        plugin.metadata.name = name
        plugin.spec.sidecar.container.name = container ?? "\(name)-step-plugin"
        plugin.spec.sidecar.container.image = "\(name):1"
        plugin.spec.sidecar.container.ports = ports.map { number in
            var port = ContainerPort()
            port.containerPort = number
            return port
        }
        plugin.spec.sidecar.container.securityContext = SecurityContext()
        change(&plugin.spec.sidecar.container)
        plugin.spec.steps = (kinds ?? [name]).map { StepPlugin.Step(kind: $0) }
        return RegisteredPlugin(plugin: plugin, namespace: namespace, digest: "sha256:\(name)")
    }

    static func promotion(_ name: String = "test.01k.f00d") -> Promotion {
        var promotion = Promotion()
        promotion.metadata.name = name
        promotion.metadata.namespace = "demo"
        promotion.metadata.uid = "uid-1"
        return promotion
    }

    /// A mount as somebody might write it.
    static func mount(_ volume: String, at path: String, subPath: String = "", readOnly: Bool = false) -> VolumeMount {
        var mount = VolumeMount()
        mount.name = volume
        mount.mountPath = path
        mount.subPath = subPath
        mount.readOnly = readOnly
        return mount
    }
}
