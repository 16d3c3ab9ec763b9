import KargoCore

/// What a Pod may know of itself.
struct DownwardAPI: Sendable {
    /// The Pod.
    var pod: Pod
    /// Its address.
    var address: String
    /// The node that runs it.
    var node: NodeFacts

    /// The value of a field such as `metadata.name` or `metadata.labels['app']`.
    ///
    /// - Throws: ``ValueError`` for a field that can't be asked for.
    func field(_ path: String) throws(ValueError) -> String {
        if let (map, key) = subscripted(path) {
            switch map {
            case "metadata.labels": return pod.metadata.labels[key] ?? ""
            case "metadata.annotations": return pod.metadata.annotations[key] ?? ""
            default: throw unsupported(path)
            }
        }
        switch path {
        case "metadata.name": return pod.metadata.name
        case "metadata.namespace": return pod.metadata.namespace
        case "metadata.uid": return pod.metadata.uid
        case "metadata.labels": return lines(pod.metadata.labels)
        case "metadata.annotations": return lines(pod.metadata.annotations)
        case "spec.nodeName": return node.name
        case "spec.serviceAccountName":
            return pod.spec.serviceAccountName.isEmpty ? "default" : pod.spec.serviceAccountName
        case "status.podIP", "status.podIPs": return address
        case "status.hostIP", "status.hostIPs": return node.address
        default: throw unsupported(path)
        }
    }

    /// The amount of a resource that a container may have or asks for, in units of the divisor; what the node has where
    /// the container says nothing.
    ///
    /// - Parameters:
    ///   - selector: What is asked for.
    ///   - container: The container that is meant where the selector names none.
    /// - Returns: The number, rounded up.
    /// - Throws: ``ValueError`` for something that can't be asked for.
    func resource(_ selector: ResourceFieldSelector, of container: Container?) throws(ValueError) -> String {
        let named = (pod.spec.initContainers + pod.spec.containers).first { $0.name == selector.containerName }
        guard let container = selector.containerName.isEmpty ? container : named else {
            throw ValueError(message: "container \"\(selector.containerName)\" of a resourceFieldRef does not exist")
        }
        let parts = selector.resource.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, ["limits", "requests"].contains(parts[0]), ["cpu", "memory"].contains(parts[1]) else {
            throw ValueError(
                message: "resource \"\(selector.resource)\" is not supported here; only cpu and memory of limits and "
                    + "requests are"
            )
        }
        let requirements = container.resources
        let isLimit = parts[0] == "limits"
        // A request that is missing is that of the limit, if there is one; a limit that is missing is what there is.
        let given =
            isLimit ? requirements.limits[parts[1]] : requirements.requests[parts[1]] ?? requirements.limits[parts[1]]
        let hasDivisor = selector.divisor != Quantity()
        if parts[1] == "cpu" {
            let amount = given?.milliValue ?? (isLimit ? Int64(node.processors) * 1000 : 0)
            return quotient(amount, hasDivisor ? selector.divisor.milliValue : 1000)
        }
        let amount = given?.value ?? (isLimit ? node.memory : 0)
        return quotient(amount, hasDivisor ? selector.divisor.value : 1)
    }

    private func quotient(_ amount: Int64, _ divisor: Int64) -> String {
        let divisor = max(1, divisor)
        return String(amount / divisor + (amount % divisor > 0 ? 1 : 0))
    }

    private func subscripted(_ path: String) -> (map: String, key: String)? {
        guard path.hasSuffix("']"), let start = path.firstRange(of: "['") else { return nil }
        return (String(path[..<start.lowerBound]), String(path[start.upperBound...].dropLast(2)))
    }

    /// One `key="value"` to a line, in order, as the kubelet writes them.
    private func lines(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(JSONValue.string($0.value).text())" }
            .joined(separator: "\n")
    }

    private func unsupported(_ path: String) -> ValueError {
        ValueError(message: "field \"\(path)\" of the Pod is not supported here")
    }
}

/// What containers may know of the node.
struct NodeFacts: Sendable, Hashable {
    /// The name.
    var name: String
    /// The address.
    var address = "127.0.0.1"
    /// How many processors it has.
    var processors: Int
    /// How many bytes of memory it has.
    var memory: Int64
}
