import BuiltinSteps
import Foundation
import KargoCore

/// A layer of 1 GiB: how long it takes, and how much more memory than before.
enum RegistryDownload {
    private static let layerSize = 1 << 30

    /// A registry with `large:1`, a layer of zeros, and `small:1`; it prints its port and ends with its input.
    private static let server = """
        import hashlib, http.server, json, os, sys, threading
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
        def end():
            sys.stdin.read()
            os._exit(0)
        threading.Thread(target=end, daemon=True).start()
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    static func run(_ bench: Workbench) async throws -> [Row] {
        let process = Process()
        let input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", server, "\(layerSize)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
        var line = ""
        while !line.hasSuffix("\n"), let data = try output.fileHandleForReading.read(upToCount: 1) {
            line += String(decoding: data, as: UTF8.self)
        }
        let (time, extra) = try await download("127.0.0.1:\(line.filter(\.isNumber))", bench)
        let memory = String(format: "%.1f MB", Double(extra) / 1e6)
        return [
            Row(name: "`oci-download` of 1 GiB", times: Times([time]), aim: "40 MB more memory, is \(memory)")
        ]
    }

    /// Downloads the layer.
    ///
    /// - Returns: The time, and the peak of the resident memory less what it was before.
    private static func download(_ registry: String, _ bench: Workbench) async throws -> (Duration, extra: Int) {
        let environment = ["MAX_OCI_DOWNLOAD_SIZE": "-1"]
        return try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(), environment: environment) {
            kinds in
            guard let runner = kinds.runner("oci-download") else {
                throw Workbench.StepFailed(message: "there is no kind oci-download")
            }
            func run(_ name: String) async throws {
                let context = StepContext(
                    kind: "oci-download",
                    alias: "step",
                    config: ["imageRef": .string("\(registry)/\(name):1"), "outPath": .string(name)],
                    workDir: bench.path(""),
                    privateDir: bench.path("private"),
                    sharedState: [:],
                    promotion: PromotionContext()
                )
                let result = try await runner.run(context)
                guard result.status == .succeeded else { throw Workbench.StepFailed(message: result.message) }
            }
            // What is there from the first download on, such as the roots of trust, is no part of the second.
            try await run("small")
            // The peak is counted anew from here.
            try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
            let before = try memory("VmRSS")
            let start = ContinuousClock.now
            try await run("large")
            let time = ContinuousClock.now - start
            return (time, try memory("VmHWM") - before)
        }
    }

    /// A figure of this process, in bytes.
    private static func memory(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        guard let kilobytes = line.flatMap({ Int($0.filter(\.isNumber)) }) else {
            throw Workbench.StepFailed(message: "the system does not tell \(name)")
        }
        return kilobytes << 10
    }
}
