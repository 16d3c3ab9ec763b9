import KargoCore
import KargoTestSupport
import Testing

@testable import KargoCommands

@Suite("Processes of the local cluster")
struct LocalServerTests {
    @Test func `says how each part is started`() {
        let installation = LocalInstallation(dataDirectory: "/d")
        #expect(
            LocalServer.arguments(.cluster, of: installation, life: .detached) == ["local-cluster", "--data-dir", "/d"]
        )
        #expect(
            LocalServer.arguments(.cluster, of: installation, life: .detached, runtime: "podman")
                == ["local-cluster", "--data-dir", "/d", "--runtime", "podman"]
        )
        #expect(
            LocalServer.arguments(.controller, of: installation, life: .bound) == [
                "run", "--data-dir", "/d", "--until-stdin-closes",
            ]
        )
    }

    /// Starts a script in the place of `kargo-controller`.
    private func server(
        _ script: String,
        _ part: LocalInstallation.Part = .cluster,
        life: LocalServer.Life = .bound,
        in directory: ScopedDirectory
    ) throws -> LocalServer {
        let stand = try StandInController(script, in: directory)
        return try LocalServer(
            part,
            of: LocalInstallation(dataDirectory: directory.path),
            executable: stand.executable,
            life: life,
            environment: stand.environment
        )
    }

    /// Starts a process and lets go of all but its number when it is ready.
    private func readyProcess(_ script: String, in directory: ScopedDirectory) async throws -> ChildProcess {
        let server = try server(script, in: directory)
        _ = try await server.ready()
        return server.process
    }

    @Test func `is ready when the process says so and ends when it is stopped`() async throws {
        try await ScopedDirectory.with { directory in
            let script = #"echo "${0##*/} $@ $KUBECONFIG" >&2; echo '{"pid":42,"address":"https://h:1"}'; exec cat"#
            let server = try server(script, .controller, in: directory)
            #expect(try await server.ready() == .init(pid: 42, address: "https://h:1"))
            try await server.process.stop()
            #expect(
                try directory.read("controller.log")
                    == "run --data-dir \(directory.path) --until-stdin-closes \(directory.path)/controller.kubeconfig\n"
            )
        }
    }

    @Test func `quotes the last line of the log when the process ends too early`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("from before\n", to: "local-cluster.log")
            let server = try server("echo first >&2; echo 'port taken' >&2; echo >&2; exit 3", in: directory)
            let error = await #expect(throws: CommandError.self) { try await server.ready() }
            #expect(
                error?.description
                    == "the cluster ended before it was ready: port taken; its log is \(directory.path)/local-cluster.log"
            )
            #expect(try directory.read("local-cluster.log").hasPrefix("from before\nfirst\n"))
        }
    }

    @Test func `refuses a first line that is not what it should be`() async throws {
        try await ScopedDirectory.with { directory in
            let server = try server("echo hello; exec cat", in: directory)
            let error = await #expect(throws: CommandError.self) { try await server.ready() }
            #expect(error?.description.contains("can't be read") == true)
            try await server.process.stop()
        }
    }

    @Test func `lets a bound process go when nobody holds it any more`() async throws {
        try await ScopedDirectory.with { directory in
            let process = try await readyProcess("echo '{\"pid\":1}'; cat; echo done >&2", in: directory)
            try await process.waitUntilEnded()
            #expect(try directory.read("local-cluster.log") == "done\n")
        }
    }

    @Test func `gives a detached process nothing to read and a session of its own`() async throws {
        try await ScopedDirectory.with { directory in
            let script =
                #"cat >&2; set -- $(cat /proc/$$/stat 2>/dev/null); echo "{\"pid\":$$,\"address\":\"${6:-$$}\"}""#
            let server = try server(script, life: .detached, in: directory)
            let running = try await server.ready()
            #expect(running.pid == server.process.pid)
            #expect(running.address == "\(running.pid)")
            try await server.process.waitUntilEnded()
        }
    }

    @Test func `kills a process that does not obey`() async throws {
        try await ScopedDirectory.with { directory in
            let server = try server("trap '' TERM; echo '{\"pid\":1}'; while :; do sleep 1; done", in: directory)
            _ = try await server.ready()
            try await server.process.stop(patience: .milliseconds(1))
            // A signal to what has ended goes nowhere.
            server.process.send(9)
        }
    }

    @Test func `says which program can't be started`() async throws {
        try await ScopedDirectory.with { directory in
            let installation = LocalInstallation(dataDirectory: directory.path)
            let error = #expect(throws: CommandError.self) {
                try LocalServer(.cluster, of: installation, executable: "/nowhere", life: .bound, environment: [:])
            }
            #expect(error?.description == "/nowhere: can't be started: No such file or directory")
        }
    }
}
