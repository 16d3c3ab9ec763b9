import KargoCore

extension CoreResources {
    static let pod = builtin(
        "pods",
        "Pod",
        shortNames: ["po"],
        categories: ["all"],
        hasStatus: true,
        model: TypedObjectModel<Pod>(complete: complete(pod:), check: check(pod:old:)),
        columns: [
            text("Ready") { pod in
                let statuses = containerStatuses(of: pod)
                let ready = statuses.filter { $0["ready"] == true }.count
                return .string("\(ready)/\(containers(of: pod).count)")
            },
            text("Status") { .string(displayedStatus(of: $0)) },
            text("Restarts") { pod in
                let restarts = containerStatuses(of: pod).reduce(0) { $0 + ($1["restartCount"]?.intValue ?? 0) }
                return .string(String(restarts))
            },
            .age,
            text("IP", priority: 1) { $0[path: "status", "podIP"] ?? "<none>" },
            text("Node", priority: 1) { $0[path: "spec", "nodeName"] ?? "<none>" },
            text("Nominated Node", priority: 1) { $0[path: "status", "nominatedNodeName"] ?? "<none>" },
            text("Readiness Gates", priority: 1) { pod in
                .string(pod[path: "spec", "readinessGates"]?.arrayValue.map { "0/\($0.count)" } ?? "<none>")
            },
        ],
        subresources: [
            ResourceDefinition.Subresource(name: "eviction", group: "policy", kind: "Eviction", verbs: ["create"]),
            ResourceDefinition.Subresource(name: "log", kind: "Pod", verbs: ["get"]),
        ]
    )

    /// Main containers and sidecars: the ones that should be running.
    private static func containers(of pod: JSONValue) -> [JSONValue] {
        let sidecars = (pod[path: "spec", "initContainers"]?.arrayValue ?? [])
            .filter {
                $0["restartPolicy"] == "Always"
            }
        return sidecars + (pod[path: "spec", "containers"]?.arrayValue ?? [])
    }

    private static func containerStatuses(of pod: JSONValue) -> [JSONValue] {
        let names = Set(containers(of: pod).compactMap { $0["name"]?.stringValue })
        let statuses =
            (pod[path: "status", "initContainerStatuses"]?.arrayValue ?? [])
            + (pod[path: "status", "containerStatuses"]?.arrayValue ?? [])
        return statuses.filter { names.contains($0["name"]?.stringValue ?? "") }
    }

    /// What kubectl shows in the column STATUS.
    private static func displayedStatus(of pod: JSONValue) -> String {
        let phase = pod[path: "status", "reason"]?.stringValue ?? pod[path: "status", "phase"]?.stringValue ?? "Pending"
        var status = phase
        for container in pod[path: "status", "containerStatuses"]?.arrayValue ?? [] {
            let state = container["state"]
            if let reason = state?[path: "waiting", "reason"]?.stringValue {
                status = reason
            } else if let terminated = state?["terminated"] {
                status = terminated["reason"]?.stringValue ?? "ExitCode:\(terminated["exitCode"]?.intValue ?? 0)"
            }
        }
        let initContainers = pod[path: "spec", "initContainers"]?.arrayValue ?? []
        let initStatuses = pod[path: "status", "initContainerStatuses"]?.arrayValue ?? []
        for (index, container) in initStatuses.enumerated() {
            let state = container["state"]
            if state?[path: "terminated", "exitCode"]?.intValue == 0 || container["started"] == true { continue }
            if let reason = state?[path: "terminated", "reason"]?.stringValue {
                status = "Init:\(reason)"
            } else if let reason = state?[path: "waiting", "reason"]?.stringValue, reason != "PodInitializing" {
                status = "Init:\(reason)"
            } else {
                status = "Init:\(index)/\(initContainers.count)"
            }
            break
        }
        if pod[path: "metadata", "deletionTimestamp"] != nil, !["Succeeded", "Failed"].contains(phase) {
            return "Terminating"
        }
        return status
    }

    /// What the API server fills in.
    private static func complete(pod: inout JSONValue) {
        func fill(_ value: inout JSONValue, _ key: String, _ content: JSONValue) {
            if value[key] == nil { value[key] = content }
        }
        guard var spec = pod["spec"] else { return }
        fill(&spec, "restartPolicy", "Always")
        fill(&spec, "terminationGracePeriodSeconds", 30)
        fill(&spec, "dnsPolicy", "ClusterFirst")
        fill(&spec, "schedulerName", "default-scheduler")
        fill(&spec, "securityContext", [:])
        fill(&spec, "serviceAccountName", "default")
        fill(&spec, "enableServiceLinks", true)
        for list in ["initContainers", "containers"] {
            guard let containers = spec[list]?.arrayValue else { continue }
            spec[list] = .array(
                containers.map { container in
                    var container = container
                    fill(&container, "terminationMessagePath", "/dev/termination-log")
                    fill(&container, "terminationMessagePolicy", "File")
                    let image = container["image"]?.stringValue ?? ""
                    let tag = image.split(separator: "/").last?.split(separator: ":").dropFirst().first
                    let isLatest = !image.contains("@") && (tag == nil || tag == "latest")
                    fill(&container, "imagePullPolicy", isLatest ? "Always" : "IfNotPresent")
                    fill(&container, "resources", [:])
                    if let ports = container["ports"]?.arrayValue {
                        container["ports"] = .array(
                            ports.map { port in
                                var port = port
                                fill(&port, "protocol", "TCP")
                                return port
                            }
                        )
                    }
                    return container
                }
            )
        }
        pod["spec"] = spec
        if pod[path: "status", "phase"] == nil { pod[path: "status", "phase"] = "Pending" }
    }

    private static func check(pod: Pod, old: Pod?) -> [ValidationCause] {
        if let old {
            guard pod.spec.isSame(as: old.spec) else {
                return [
                    ValidationCause(
                        reason: .forbidden,
                        path: FieldPath("spec"),
                        message: "pod updates may not change fields other than images, `activeDeadlineSeconds`, "
                            + "`terminationGracePeriodSeconds` and `tolerations`"
                    )
                ]
            }
            return []
        }
        return PodCheck(pod).causes
    }
}

extension PodSpec {
    /// Whether two specs differ in nothing but what may change in the life of a Pod.
    fileprivate func isSame(as other: PodSpec) -> Bool {
        func fixed(_ spec: PodSpec) -> PodSpec {
            var spec = spec
            spec.activeDeadlineSeconds = nil
            spec.terminationGracePeriodSeconds = nil
            spec.tolerations = []
            // Written by the node that takes the Pod.
            spec.nodeName = ""
            for index in spec.containers.indices { spec.containers[index].image = "" }
            for index in spec.initContainers.indices { spec.initContainers[index].image = "" }
            return spec
        }
        return fixed(self) == fixed(other)
    }
}

/// What the API server checks in a new Pod.
private struct PodCheck {
    private(set) var causes: [ValidationCause] = []
    private var names: Set<String> = []
    private let volumes: Set<String>

    init(_ pod: Pod) {
        let spec = FieldPath("spec")
        volumes = Set(pod.spec.volumes.map(\.name))
        for (index, volume) in pod.spec.volumes.enumerated() {
            checkName(volume.name, spec.appending("volumes").appending(index).appending("name"))
        }
        if volumes.count != pod.spec.volumes.count {
            causes.append(
                ValidationCause(
                    reason: .duplicate,
                    path: spec.appending("volumes"),
                    message: "Duplicate value: two volumes have one name"
                )
            )
        }
        if pod.spec.containers.isEmpty { causes.append(.required(spec.appending("containers"))) }
        for (index, container) in pod.spec.initContainers.enumerated() {
            check(container, spec.appending("initContainers").appending(index), isInit: true)
        }
        for (index, container) in pod.spec.containers.enumerated() {
            check(container, spec.appending("containers").appending(index), isInit: false)
        }
        let policies = [RestartPolicy.always, RestartPolicy.onFailure, RestartPolicy.never]
        if !policies.contains(pod.spec.restartPolicy) {
            causes.append(
                .notSupported(
                    spec.appending("restartPolicy"),
                    .string(pod.spec.restartPolicy),
                    policies.map(JSONValue.string)
                )
            )
        }
    }

    private mutating func check(_ container: Container, _ path: FieldPath, isInit: Bool) {
        checkName(container.name, path.appending("name"))
        if !names.insert(container.name).inserted {
            causes.append(
                ValidationCause(
                    reason: .duplicate,
                    path: path.appending("name"),
                    message: "Duplicate value: \"\(container.name)\""
                )
            )
        }
        if container.image.isEmpty { causes.append(.required(path.appending("image"))) }
        if let policy = container.restartPolicy, !isInit || policy != RestartPolicy.always {
            causes.append(
                .notSupported(path.appending("restartPolicy"), .string(policy), isInit ? ["Always"] : [])
            )
        }
        for (index, port) in container.ports.enumerated() where !(1...65535).contains(port.containerPort) {
            causes.append(
                .invalid(
                    path.appending("ports").appending(index).appending("containerPort"),
                    .int(Int64(port.containerPort)),
                    "must be between 1 and 65535, inclusive"
                )
            )
        }
        for (index, mount) in container.volumeMounts.enumerated() {
            let place = path.appending("volumeMounts").appending(index)
            if !volumes.contains(mount.name) {
                causes.append(
                    ValidationCause(
                        reason: .invalid,
                        path: place.appending("name"),
                        message: "Not found: \"\(mount.name)\""
                    )
                )
            }
            if mount.mountPath.isEmpty { causes.append(.required(place.appending("mountPath"))) }
            if mount.subPath.split(separator: "/").contains("..") || mount.subPath.hasPrefix("/") {
                causes.append(
                    .invalid(place.appending("subPath"), .string(mount.subPath), "must be a relative path without '..'")
                )
            }
        }
        for (index, variable) in container.env.enumerated() where variable.name.isEmpty {
            causes.append(.required(path.appending("env").appending(index).appending("name")))
        }
    }

    private mutating func checkName(_ name: String, _ path: FieldPath) {
        if name.isEmpty {
            causes.append(.required(path))
        } else if !ObjectName.isLabel(name) {
            causes.append(.invalid(path, .string(name), ObjectName.labelRule))
        }
    }
}
