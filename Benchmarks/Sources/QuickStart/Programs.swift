import Foundation
import KargoCore
import Subprocess

/// The programs that are measured, as they were built beside this one.
struct Programs {
    let directory: String

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private var kargo: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "kargo").path()
    }

    private var pluginDirectory: String { "\(directory)/plugin" }

    func up() async throws -> LocalInstallation {
        try await run(["local", "up", "--detach", "--data-dir", "\(directory)/data"])
        return LocalInstallation(dataDirectory: "\(directory)/data")
    }

    func down() async throws { try await run(["local", "down", "--data-dir", "\(directory)/data"]) }

    func pluginConfigMap() throws -> JSONValue {
        let path = "\(pluginDirectory)/clock-step-plugin-configmap.yaml"
        return try JSONValue(yaml: String(contentsOfFile: path, encoding: .utf8))
    }

    func measureStepPluginBuild(runs: Int) async throws -> Distribution {
        try FileManager.default.createDirectory(atPath: pluginDirectory, withIntermediateDirectories: true)
        try Self.manifest.write(toFile: "\(pluginDirectory)/plugin.yaml", atomically: true, encoding: .utf8)
        try Self.server.write(toFile: "\(pluginDirectory)/server.py", atomically: true, encoding: .utf8)
        var times: [Double] = []
        for _ in 0..<runs {
            let begin = ContinuousClock.now
            try await run(["step-plugin", "build", pluginDirectory])
            times.append((ContinuousClock.now - begin) / .seconds(1))
        }
        return Distribution(times)
    }

    private func run(_ arguments: [String]) async throws {
        let outcome = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: Arguments([kargo] + arguments),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard outcome.terminationStatus.isSuccess else {
            throw Failure(description: "kargo \(arguments.joined(separator: " ")): \(outcome.standardError)")
        }
    }

    private static let manifest = """
        apiVersion: kargo-extended.code.org/v1alpha1
        kind: StepPlugin
        metadata:
          name: clock
          namespace: kargo-system-resources
        spec:
          sidecar:
            container:
              name: clock-step-plugin
              image: python:alpine3.23
              command: [python, -u, -c]
              ports:
              - containerPort: 9765
              securityContext:
                runAsNonRoot: true
                runAsUser: 65534
              resources:
                requests: {cpu: 50m, memory: 32Mi}
                limits: {cpu: 100m, memory: 64Mi}
          steps:
          - kind: clock
        """

    /// Tells when it answered.
    private static let server = """
        import json, time
        from http.server import BaseHTTPRequestHandler, HTTPServer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"status": "Succeeded", "output": {"at": time.time()}}).encode())

            def log_message(self, *args):
                pass

        HTTPServer(("", 9765), Handler).serve_forever()
        """
}
