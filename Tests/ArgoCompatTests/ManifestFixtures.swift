import ArgoCompat

/// Manifests that the suites share.
enum ManifestFixtures {
    /// A small valid manifest; the pieces of it that matter to a test are given.
    static func manifest(
        metadata: String = "{name: probe, namespace: demo}",
        container: String = "",
        resources: String = "{requests: {cpu: 50m}, limits: {memory: 64Mi}}",
        ports: String = "[{containerPort: 9765}]",
        steps: String = "[{kind: probe}]"
    ) -> String {
        """
        apiVersion: kargo-extended.code.org/v1alpha1
        kind: StepPlugin
        metadata: \(metadata)
        spec:
          sidecar:
            container:
              name: probe-step-plugin
              image: probe:1
              ports: \(ports)
              securityContext: {runAsNonRoot: true, runAsUser: 65534}
              resources: \(resources)
        \(container.split(separator: "\n").map { "      \($0)\n" }.joined())
          steps: \(steps)
        """
    }

    /// The manifest of the quick start.
    static let mkdir = """
        apiVersion: kargo-extended.code.org/v1alpha1
        kind: StepPlugin
        metadata:
          name: mkdir
          namespace: kargo-system-resources
        spec:
          sidecar:
            automountServiceAccountToken: false
            container:
              name: mkdir-step-plugin
              image: python:alpine3.23
              command:
              - python
              - -u
              - -c
              ports:
              - containerPort: 9765
              securityContext:
                runAsNonRoot: true
                runAsUser: 65534
              resources:
                requests:
                  cpu: 50m
                  memory: 32Mi
                limits:
                  cpu: 100m
                  memory: 64Mi
          steps:
          - kind: mkdir
        """

    /// The program of the quick start.
    static let mkdirServer = StepPluginBuild.Server(
        fileName: "server.py",
        text: #"""
            import json, os
            from http.server import BaseHTTPRequestHandler, HTTPServer

            class MkdirHandler(BaseHTTPRequestHandler):
                def do_POST(self):
                    request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                    config = request["step"]["config"]
                    os.makedirs(
                        f'{request["context"]["workDir"]}/{config["path"]}',
                        exist_ok=True,
                    )
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b'{"status":"Succeeded"}')

            HTTPServer(("", 9765), MkdirHandler).serve_forever()

            """#
    )
}
