import KargoCore

/// What of a local cluster runs.
struct LocalStatus {
    let installation: LocalInstallation
    private let parts: [LocalInstallation.Part: LocalInstallation.Running]

    init(of installation: LocalInstallation, _ parts: [LocalInstallation.Part: LocalInstallation.Running]) {
        self.installation = installation
        self.parts = parts
    }

    /// Looks at what runs now.
    init(of installation: LocalInstallation) throws {
        var parts: [LocalInstallation.Part: LocalInstallation.Running] = [:]
        for part in LocalInstallation.Part.allCases { parts[part] = try installation.running(part) }
        self.init(of: installation, parts)
    }

    /// Whether nothing is missing.
    var isComplete: Bool { LocalInstallation.Part.allCases.allSatisfy { parts[$0] != nil } }

    func running(_ part: LocalInstallation.Part) -> LocalInstallation.Running? { parts[part] }

    /// The status for programs.
    var json: JSONValue {
        let cluster = parts[.cluster]
            .map { running -> JSONValue in
                ["pid": .int(Int64(running.pid)), "address": running.address.map(JSONValue.string) ?? .null]
            }
        return [
            "cluster": cluster ?? .null,
            "controller": parts[.controller].map { ["pid": .int(Int64($0.pid))] } ?? .null,
            "kubeconfig": .string(installation.kubeconfig),
            "dataDir": .string(installation.dataDirectory),
        ]
    }

    /// The status for people.
    var table: String {
        var columns = TextColumns()
        let rows = LocalInstallation.Part.allCases.map { part -> [String] in
            guard let running = parts[part] else { return [part.title, "stopped", "", ""] }
            return [part.title, "running", String(running.pid), running.address ?? ""]
        }
        let lines = columns.lines([["PART", "STATE", "PROCESS", "ADDRESS"]] + rows)
        return lines.joined(separator: "\n") + "\n"
    }

    /// What to tell a shell: comments, and how to use the cluster.
    var shellText: String {
        var text = ""
        for part in LocalInstallation.Part.allCases {
            guard let running = parts[part] else { continue }
            let address = running.address.map { " at \($0.printable)" } ?? ""
            text += "# \(part.title) runs as process \(running.pid)\(address)\n"
        }
        return text + "export KUBECONFIG=\(installation.kubeconfig.shellQuoted)\n"
    }
}

extension LocalInstallation.Part {
    /// What people call it.
    var title: String {
        switch self {
        case .cluster: "cluster"
        case .controller: "controller"
        }
    }
}

extension String {
    /// The text as one word of a shell.
    fileprivate var shellQuoted: String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:@%")
        return !isEmpty && allSatisfy(plain.contains) ? self : "'" + replacing("'", with: "'\\''") + "'"
    }
}
