import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// git's own HTTP server, which asks for a password, behind a few lines of Python.
///
/// Paths below `/moved` are redirected to another name of the host; below `/slow` no answer ever comes.
struct GitHTTPServer: Sendable {
    static let credentials = (username: "user@example.com", password: "pa ss'w\"ö/%$rd")

    let port: Int
    private let log: String

    var url: String { "http://127.0.0.1:\(port)" }

    /// What was asked: method, host, path, and whether the password came with it.
    func requests() throws -> [String] {
        try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// Serves the repositories of a directory as long as the body lasts.
    ///
    /// - Parameters:
    ///   - directory: Where they are.
    ///   - pipe: A named pipe that is open for writing while a request for `/slow` is there.
    ///   - body: Uses the server.
    /// - Throws: What the body throws.
    static func with(
        _ directory: ScopedDirectory,
        pipe: String = "",
        _ body: (GitHTTPServer) async throws -> Void
    ) async throws {
        try directory.write(script, to: "server.py")
        try directory.write("", to: "server.log")
        // Not in its environment, where it would be taken for a leak.
        try directory.write("\(credentials.username)\n\(credentials.password)", to: "server.credentials")
        _ = try await Subprocess.run(
            .name("python3"),
            arguments: [directory.file("server.py"), directory.path, directory.file("server.log"), pipe],
            environment: .inherit,
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            let port = try #require(try await lines.next().flatMap { Int($0.filter(\.isNumber)) })
            let outcome: Swift.Result<Void, any Error>
            do {
                outcome = .success(try await body(GitHTTPServer(port: port, log: directory.file("server.log"))))
            } catch {
                outcome = .failure(error)
            }
            try execution.send(signal: .kill)
            try outcome.get()
        }
    }

    private static let script = #"""
        import base64, glob, http.server, os, subprocess, sys, threading, urllib.parse
        root, log, pipe = sys.argv[1:4]
        user, password = open(log.replace(".log", ".credentials"), encoding="utf-8").read().split("\n")
        expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

        def leaks():
            for path in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
                try:
                    if password.encode() in open(path, "rb").read():
                        return True
                except OSError:
                    pass
            return False

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                authorization = self.headers.get("Authorization")
                known = {None: "none", expected: "password"}.get(authorization, "other")
                host = self.headers["Host"].split(":")[0]
                with open(log, "a") as file:
                    file.write(f"{self.command} {host} {self.path.split('?')[0]} {known}{' LEAK' if leaks() else ''}\n")
                if self.path.startswith("/slow"):
                    with open(pipe, "w") as file:
                        file.write("asked")
                        file.flush()
                        self.connection.recv(1)
                    return
                if self.path.startswith("/moved"):
                    self.send_response(302)
                    self.send_header("Location", f"http://localhost:{self.server.server_port}{self.path[6:]}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                if known != "password":
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="test"')
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                environment = {
                    "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.receivepack", "GIT_CONFIG_VALUE_0": "true",
                    "REQUEST_METHOD": self.command, "PATH_INFO": urllib.parse.unquote_to_bytes(path.encode("latin-1")).decode(),
                    "QUERY_STRING": query, "REMOTE_USER": user,
                    "CONTENT_TYPE": self.headers.get("Content-Type") or "", "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or "",
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol") or "",
                }
                output = subprocess.run(["git", "http-backend"], input=body, env=environment, stdout=-1).stdout
                head, _, content = output.partition(b"\r\n\r\n")
                headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
                status = next((value for name, value in headers if name == "Status"), "200 OK")
                self.send_response(int(status.split()[0]))
                for name, value in headers:
                    if name != "Status":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        server.serve_forever()
        """#
}
