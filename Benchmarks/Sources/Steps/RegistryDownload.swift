import BuiltinSteps
import Foundation
import KargoCore
import Subprocess

/// `oci-download` of 1 GiB: how long it takes, and how much memory more than before.
struct RegistryDownload {
    /// What was measured.
    struct Result {
        var seconds: Double
        /// The peak of the resident memory during the download, less what it was before.
        var extraMemory: Int
    }

    struct Failure: Error {
        let message: String
    }

    static let layerSize = 1 << 30

    /// A registry with `large:1`, a layer of zeros, and `small:1`; it prints its port.
    private static let server = """
        import hashlib, http.server, json, sys
        chunk = bytes(1 << 20)
        def layer(size):
            digest = hashlib.sha256()
            for _ in range(size >> 20): digest.update(chunk)
            return 'sha256:' + digest.hexdigest(), size
        layers = {'large': layer(int(sys.argv[1])), 'small': layer(1 << 20)}
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            def log_message(self, *args): pass
            def answer(self, kind, size):
                self.send_response(200)
                self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(size))
                self.end_headers()
            def do_GET(self):
                parts = self.path.strip('/').split('/')
                if len(parts) < 4:
                    self.answer('application/json', 2)
                    self.wfile.write(b'{}')
                    return
                digest, size = layers[parts[1]]
                if parts[2] == 'manifests':
                    kind = 'application/vnd.oci.image.manifest.v1+json'
                    body = json.dumps({'schemaVersion': 2, 'mediaType': kind, 'layers': [
                        {'mediaType': 'application/octet-stream', 'digest': digest, 'size': size}]}).encode()
                    self.answer(kind, len(body))
                    self.wfile.write(body)
                else:
                    self.answer('application/octet-stream', size)
                    for _ in range(size >> 20): self.wfile.write(chunk)
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// Measures.
    ///
    /// - Parameter directory: Where the file goes.
    static func measure(in directory: String) async throws -> Result {
        let outcome = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", server, "\(layerSize)"],
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            guard let port = try await lines.next() else { throw Failure(message: "the registry did not start") }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await download("127.0.0.1:\(port.filter(\.isNumber))", to: directory))
            } catch {
                result = .failure(error)
            }
            try execution.send(signal: .kill)
            return try result.get()
        }
        return outcome.closureResult
    }

    private static func download(_ registry: String, to directory: String) async throws -> Result {
        try await BuiltinStepKinds.withRegistry(
            capabilities: StepCapabilities(),
            environment: ["MAX_OCI_DOWNLOAD_SIZE": "-1"]
        ) { kinds in
            guard let runner = kinds.runner("oci-download") else { throw Failure(message: "there is no oci-download") }
            func run(_ name: String) async throws {
                let config: JSONValue = [
                    "imageRef": .string("\(registry)/\(name):1"), "outPath": .string(name), "allowOverwrite": true,
                ]
                let context = StepContext(
                    kind: "oci-download",
                    alias: "step",
                    config: config,
                    workDir: directory,
                    privateDir: directory,
                    sharedState: [:],
                    promotion: PromotionContext()
                )
                let result = try await runner.run(context)
                guard result.status == .succeeded else { throw Failure(message: result.message) }
            }
            // What is there from the first download on, such as the roots of trust, is no part of the second.
            try await run("small")
            try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
            let before = try memory("VmRSS")
            let start = ContinuousClock.now
            try await run("large")
            let time = ContinuousClock.now - start
            let extra = try memory("VmHWM") - before
            return Result(seconds: time / .seconds(1), extraMemory: extra)
        }
    }

    /// A figure of this process, in bytes.
    private static func memory(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        guard let kilobytes = line.flatMap({ Int($0.filter(\.isNumber)) }) else {
            throw Failure(message: "the system does not tell \(name)")
        }
        return kilobytes << 10
    }
}
