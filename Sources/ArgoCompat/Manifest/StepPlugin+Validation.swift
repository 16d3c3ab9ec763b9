import KargoCore

extension StepPlugin {
    /// The longest name that leaves room for the suffix of its ConfigMap.
    private static let longestName = 253 - configMapSuffix.utf8.count

    /// Checks that the manifest can be a plugin.
    ///
    /// The four rules of the sidecar are those of Argo Workflows: at least one port, requests, limits and a security
    /// context. An empty map counts as missing, because it would be gone from the ConfigMap.
    ///
    /// - Throws: `FieldError` for the first field that is wrong.
    func validate() throws(FieldError) {
        let namePath = FieldPath("metadata", "name")
        guard !metadata.name.isEmpty else { throw FieldError(path: namePath, message: "is required") }
        guard metadata.name.isDNSSubdomain, metadata.name.utf8.count <= Self.longestName else {
            throw FieldError(
                path: namePath,
                message: "must be at most \(Self.longestName) lower-case letters, digits, '-' and '.', and begin and "
                    + "end with a letter or digit, not \"\(metadata.name)\""
            )
        }
        try spec.sidecar.container.validateAsSidecar()
        let stepsPath = FieldPath("spec", "steps")
        guard !spec.steps.isEmpty else {
            throw FieldError(path: stepsPath, message: "must list at least one step kind")
        }
        var kinds: Set<String> = []
        for (index, step) in spec.steps.enumerated() {
            let path = stepsPath.appending(index)
            guard !step.kind.isEmpty else { throw FieldError(path: path.appending("kind"), message: "is required") }
            guard kinds.insert(step.kind).inserted else {
                throw FieldError(path: path.appending("kind"), message: "\"\(step.kind)\" is listed twice")
            }
            guard step.defaultTimeout >= GoDuration() else {
                throw FieldError(path: path.appending("defaultTimeout"), message: "must not be negative")
            }
            guard (0...Int64(UInt32.max)).contains(step.defaultErrorThreshold) else {
                throw FieldError(
                    path: path.appending("defaultErrorThreshold"),
                    message: "must be between 0 and \(UInt32.max)"
                )
            }
            if let schema = step.configSchema {
                try SchemaValidator.check(schema, at: path.appending("configSchema"))
            }
        }
    }
}

extension Container {
    fileprivate func validateAsSidecar() throws(FieldError) {
        let path = FieldPath("spec", "sidecar", "container")
        guard name.isDNSLabel else {
            throw FieldError(
                path: path.appending("name"),
                message: name.isEmpty
                    ? "is required"
                    : "must be at most 63 lower-case letters, digits and '-', and begin and end with a letter or "
                        + "digit, not \"\(name)\""
            )
        }
        guard !ports.isEmpty else {
            throw FieldError(path: path.appending("ports"), message: "must list the port that the plugin listens on")
        }
        for (index, port) in ports.enumerated() where !(1...65535).contains(port.containerPort) {
            throw FieldError(
                path: path.appending("ports").appending(index).appending("containerPort"),
                message: "must be between 1 and 65535, not \(port.containerPort)"
            )
        }
        guard !resources.requests.isEmpty else {
            throw FieldError(
                path: path.appending("resources").appending("requests"),
                message: "must say what the plugin needs"
            )
        }
        guard !resources.limits.isEmpty else {
            throw FieldError(
                path: path.appending("resources").appending("limits"),
                message: "must say what the plugin may use"
            )
        }
        guard securityContext != nil else {
            throw FieldError(path: path.appending("securityContext"), message: "is required")
        }
    }
}

extension String {
    /// Whether this is a DNS label (RFC 1123), such as the name of a container.
    package var isDNSLabel: Bool {
        guard (1...63).contains(utf8.count) else { return false }
        let bytes = Array(utf8)
        return bytes.allSatisfy { $0.isLowercaseAlphanumeric || $0 == UInt8(ascii: "-") }
            && bytes[0].isLowercaseAlphanumeric && bytes[bytes.count - 1].isLowercaseAlphanumeric
    }

    /// Whether this is labels with dots between them, such as the name of a ConfigMap.
    fileprivate var isDNSSubdomain: Bool {
        split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { part in
                let bytes = Array(part.utf8)
                guard let first = bytes.first, let last = bytes.last else { return false }
                return first.isLowercaseAlphanumeric && last.isLowercaseAlphanumeric
                    && bytes.allSatisfy { $0.isLowercaseAlphanumeric || $0 == UInt8(ascii: "-") }
            }
    }
}

extension UInt8 {
    fileprivate var isLowercaseAlphanumeric: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
