import KargoCore

extension ImagePlan {
    /// What podman has to know of a container of a manifest.
    init(_ container: Container, of spec: PodSpec, environment: [String: String]) {
        name = container.image
        switch container.imagePullPolicy {
        case "Always": pullPolicy = "always"
        case "Never": pullPolicy = "never"
        case "": pullPolicy = Self.isLatest(container.image) ? "always" : "missing"
        default: pullPolicy = "missing"
        }
        hasCommand = !container.command.isEmpty
        self.environment = environment.filter { $0.key != "HOSTNAME" }
        options = []
        if let host = environment["HOSTNAME"] { options += ["--hostname", host] }
        addSecurity(container, spec)
        let limits = container.resources.limits
        if let memory = limits["memory"], memory.value > 0 { options += ["--memory", "\(memory.value)b"] }
        if let processors = limits["cpu"], processors.milliValue > 0 {
            // A hundred milliseconds, as in Kubernetes.
            options += ["--cpu-period", "100000", "--cpu-quota", String(max(1000, processors.milliValue * 100))]
        }
    }

    private mutating func addSecurity(_ container: Container, _ spec: PodSpec) {
        let (own, common) = (container.securityContext, spec.securityContext)
        let user = own?.runAsUser ?? common?.runAsUser
        let group = own?.runAsGroup ?? common?.runAsGroup
        switch (user, group) {
        case (let user?, let group?): options += ["--user", "\(user):\(group)"]
        case (let user?, nil): options += ["--user", String(user)]
        case (nil, let group?): options += ["--user", "0:\(group)"]
        case (nil, nil): break
        }
        let groups = (common?.supplementalGroups ?? []) + [common?.fsGroup].compactMap { $0 }
        for group in groups { options += ["--group-add", String(group)] }
        for capability in own?.capabilities?.drop ?? [] { options += ["--cap-drop", capability] }
        for capability in own?.capabilities?.add ?? [] { options += ["--cap-add", capability] }
        if own?.privileged == true { options.append("--privileged") }
        if own?.readOnlyRootFilesystem == true { options += ["--read-only", "--read-only-tmpfs=false"] }
        if own?.allowPrivilegeEscalation == false { options += ["--security-opt", "no-new-privileges"] }
    }

    /// Whether a name has the tag `latest`, or neither tag nor digest.
    private static func isLatest(_ name: String) -> Bool {
        guard !name.contains("@") else { return false }
        let last = name.split(separator: "/").last ?? ""
        guard let colon = last.lastIndex(of: ":") else { return true }
        return last[colon...] == ":latest"
    }
}
