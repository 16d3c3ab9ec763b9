import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Debian's `docker-registry`, on the loopback address.
public enum DockerRegistry {
    /// `alice:secret` as htpasswd writes it.
    private static let users = "alice:$2y$04$dtyt/vVlmPpJDVZqC.MlluPumlQwP7vXWhb7b6wuSR2xk4scm4GBi\n"

    /// It ended before it listened.
    struct NotStarted: Error {
        let output: [String]
    }

    /// Where the program is; nil where it is not installed.
    public static var path: String? {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return (directories + ["/usr/bin"]).map { "\($0)/docker-registry" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts a registry, hands its host and port to the body and ends it.
    ///
    /// - Parameters:
    ///   - authenticated: Whether it knows but one user, `alice` with the password `secret`.
    ///   - body: Uses the registry.
    /// - Throws: What the body throws; the registry did not start.
    public static func with(
        authenticated: Bool = false,
        _ body: @escaping @Sendable (_ host: String) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            var configuration = """
                version: 0.1
                log: {level: info, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: \(directory.file("data"))}}
                http: {addr: "127.0.0.1:0"}
                """
            if authenticated {
                try directory.write(users, to: "users")
                configuration += "\nauth: {htpasswd: {realm: test, path: \(directory.file("users"))}}"
            }
            try directory.write(configuration, to: "config.yml")
            _ = try await Subprocess.run(
                .name("sh"),
                arguments: ["-c", "exec \"$0\" serve \"$1\" 2>&1", path ?? "", directory.file("config.yml")],
                input: .none,
                output: .sequence,
                error: .discarded
            ) { execution in
                // Whatever happens, the process must not outlive the test.
                defer { try? execution.send(signal: .kill) }
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                var output: [String] = []
                var found: String?
                while found == nil, let line = try await lines.next() {
                    output.append(line)
                    found = Self.host(line)
                }
                guard let host = found else { throw NotStarted(output: output) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        defer { try? execution.send(signal: .kill) }
                        try await body(host)
                    }
                    // A registry whose log nobody reads stands still.
                    while try await lines.next() != nil {}
                    try await group.waitForAll()
                }
            }
        }
    }

    /// The host and port in a line of the log that names them.
    private static func host(_ line: String) -> String? {
        line.firstRange(of: "listening on ").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
    }
}
