public import KargoCore

/// What becomes of a plugin's directory: the ConfigMap to apply and a README.
public struct StepPluginBuild: Sendable {
    /// A program that becomes the sidecar's only argument.
    public struct Server: Sendable {
        /// The name of the file, such as `server.py`.
        public var fileName: String
        /// The program.
        public var text: String

        /// Makes a program.
        public init(fileName: String, text: String) {
            self.fileName = fileName
            self.text = text
        }
    }

    /// The first line of every generated README.md, by which a hand-written one is told apart.
    public static let readmeMarker = "<!-- This is an auto-generated file. DO NOT EDIT -->"

    /// The longest argument that Linux passes to a program, in bytes, its final zero included.
    private static let longestArgument = 128 * 1024
    /// The largest ConfigMap that Kubernetes stores, in bytes.
    private static let largestConfigMap = 1024 * 1024

    /// The manifest, with the program in it.
    public let plugin: StepPlugin
    /// The name of the file for ``configMap``.
    public let configMapFileName: String
    /// The ConfigMap as YAML.
    public let configMap: String
    /// What stands in README.md.
    public let readme: String
    /// What the author should know, a sentence each.
    public let warnings: [String]

    /// Builds a plugin.
    ///
    /// - Parameters:
    ///   - manifest: The text of `plugin.yaml`, YAML or JSON. A field that no plugin has is refused.
    ///   - server: The program; it replaces the `args` that the manifest may have.
    /// - Throws: `FieldError` for the first field that is wrong; for a text that can't be read its path is empty.
    public init(manifest: String, server: Server?) throws(FieldError) {
        var plugin = try Self.parse(manifest)
        var warnings: [String] = []
        if let server {
            let args = plugin.spec.sidecar.container.args
            if !args.isEmpty {
                warnings.append(
                    "spec.sidecar.container.args (\(JSONValue.array(args.map(JSONValue.string)).text())) is replaced "
                        + "by \(server.fileName); remove one of the two"
                )
            }
            plugin.spec.sidecar.container.args = [server.text]
        }
        if plugin.spec.sidecar.container.args.contains(where: { $0.utf8.count >= Self.longestArgument }) {
            warnings.append(
                "\(server?.fileName ?? "an argument") has more than 128 KiB, which Linux can't pass to a program; put "
                    + "it into the image"
            )
        }
        try plugin.validate()
        warnings += Self.warnings(of: plugin)
        self.plugin = plugin
        configMapFileName = plugin.name + StepPlugin.configMapSuffix + "-configmap.yaml"
        do {
            let value = try JSONValueEncoder().encode(plugin.configMap)
            configMap = "# This is an auto-generated file. DO NOT EDIT\n" + value.yaml()
        } catch {
            throw FieldError(message: String(describing: error))
        }
        guard configMap.utf8.count <= Self.largestConfigMap else {
            throw FieldError(
                message: "the ConfigMap would have \(configMap.utf8.count) bytes, but Kubernetes stores at most "
                    + "\(Self.largestConfigMap); put the program into the image"
            )
        }
        readme = Self.readme(of: plugin, configMapFileName: configMapFileName)
        self.warnings = warnings
    }

    /// What keeps the plugin out of an agent Pod, or may.
    private static func warnings(of plugin: StepPlugin) -> [String] {
        let path = FieldPath("spec", "sidecar", "container")
        // Secrets are permitted unless an operator says otherwise.
        var warnings = plugin.sidecarProblems(at: path).filter { $0.permission != .secrets }
            .map { problem in
                let unless = problem.permission == nil ? "" : " unless their operators permit it"
                return "\(problem); controllers refuse it\(unless)"
            }
        let security = plugin.spec.sidecar.container.securityContext
        if security?.runAsUser == nil, security?.runAsNonRoot != false {
            warnings.append(
                "\(path).securityContext.runAsUser: is not set; an image whose user is root, or has no number, does "
                    + "not start in an agent Pod, so name one"
            )
        }
        return warnings
    }

    private static func parse(_ manifest: String) throws(FieldError) -> StepPlugin {
        let value: JSONValue
        do {
            value = try JSONValue(yaml: manifest)
        } catch {
            throw FieldError(message: error.description)
        }
        guard value.objectValue != nil else { throw FieldError(message: "must be a mapping with apiVersion and kind") }
        let decoder = JSONValueDecoder(unknownFields: .rejected, convertsScalarsToStrings: true)
        let plugin = try decoder.decode(StepPlugin.self, from: value)
        guard plugin.apiVersion == StepPlugin.groupVersion else {
            throw FieldError(path: FieldPath("apiVersion"), message: "must be \(StepPlugin.groupVersion)")
        }
        guard plugin.kind == StepPlugin.kind else {
            throw FieldError(path: FieldPath("kind"), message: "must be \(StepPlugin.kind)")
        }
        return plugin
    }

    private static func readme(of plugin: StepPlugin, configMapFileName: String) -> String {
        let namespace = plugin.metadata.namespace
        let namespaceOption = namespace.isEmpty ? "" : " -n \(namespace)"
        var lines = [
            readmeMarker,
            "# \(plugin.name)",
            "",
            "* API version: \(plugin.apiVersion)",
            "* Image: \(plugin.spec.sidecar.container.image)",
        ]
        if !namespace.isEmpty { lines.append("* Namespace: \(namespace)") }
        lines += [
            "",
            "Install:",
            "",
            "    kubectl apply -f \(configMapFileName)",
            "",
            "Uninstall:",
            "",
            "    kubectl delete configmap \(plugin.name)\(StepPlugin.configMapSuffix)\(namespaceOption)",
            "",
        ]
        return lines.joined(separator: "\n")
    }
}
