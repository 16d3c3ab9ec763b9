import ArgumentParser
import KargoCommands
import KargoTestSupport
import Testing

@Suite("kargo step-plugin build")
struct StepPluginBuildCommandTests {
    private let manifest = """
        apiVersion: kargo-extended.code.org/v1alpha1
        kind: StepPlugin
        metadata: {name: probe}
        spec:
          sidecar:
            container:
              name: probe-step-plugin
              image: probe:1
              ports: [{containerPort: 9765}]
              securityContext: {}
              resources: {requests: {cpu: 1}, limits: {cpu: 1}}
          steps: [{kind: probe}]
        """

    private func build(_ arguments: String...) async throws {
        guard var command = try Kargo.parseAsRoot(["step-plugin", "build"] + arguments) as? any AsyncParsableCommand
        else { throw ValidationError("not a command that runs") }
        try await command.run()
    }

    @Test func `writes the ConfigMap and the README beside the manifest`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(manifest, to: "plugin.yaml")
            try directory.write("print(1)\n", to: "server.py")
            try await build(directory.path)
            #expect(
                try directory.names() == [
                    "README.md", "plugin.yaml", "probe-step-plugin-configmap.yaml", "server.py",
                ]
            )
            #expect(try directory.read("probe-step-plugin-configmap.yaml").contains("- |\n      print(1)\n"))
            #expect(try directory.read("README.md").contains("kubectl delete configmap probe-step-plugin\n"))
        }
    }

    @Test func `keeps a hand-written README unless forced`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(manifest, to: "plugin.yaml")
            try directory.write("# Mine\n", to: "README.md")
            try await build(directory.path)
            #expect(try directory.read("README.md") == "# Mine\n")
            try await build(directory.path, "--force")
            #expect(try directory.read("README.md").contains("# probe\n"))
            try directory.write(directory.read("README.md") + "changed\n", to: "README.md")
            try await build(directory.path)
            #expect(try !directory.read("README.md").contains("changed"))
        }
    }

    @Test func `writes elsewhere or nothing at all`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(manifest, to: "in/plugin.yaml")
            try directory.write("", to: "out/.keep")
            try await build(directory.file("in"), "--output", directory.file("out"))
            #expect(directory.contains("out/probe-step-plugin-configmap.yaml"))
            try await build(directory.file("in"), "--output", "-")
            #expect(!directory.contains("in/probe-step-plugin-configmap.yaml"))
        }
    }

    @Test func `says what is wrong with the directory and writes nothing`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(manifest, to: "two/plugin.yaml")
            try directory.write("a", to: "two/server.py")
            try directory.write("b", to: "two/server.go")
            try directory.write(manifest + "\nspecs: {}", to: "strict/plugin.yaml")
            try directory.write("", to: "empty/x")
            try directory.write(manifest, to: "nested/plugin.yaml")
            try directory.write("x", to: "nested/server.d/file")
            for (name, reason) in [
                ("two", "holds server.go and server.py"), ("strict", "plugin.yaml: specs: unknown field"),
                ("empty", "plugin.yaml: can't be read: no such file or directory"), ("absent", "can't be read"),
            ] {
                let error = await #expect(throws: (any Error).self) { try await build(directory.file(name)) }
                #expect(error.map { "\($0)".contains(reason) } == true, "\(error.map { "\($0)" } ?? "none")")
            }
            #expect(!directory.contains("two/probe-step-plugin-configmap.yaml"))
            try await build(directory.file("nested"))
        }
    }
}
