import KargoTestSupport
import Subprocess
import Testing

@testable import LocalCluster

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The podman of a user who is not root, with a storage of its own and one registry that it need not trust.
private struct RootlessPodman {
    /// Short, because podman refuses to keep sockets in a directory with a long path.
    let directory = "/tmp/kargo-rootless-\(String(UInt32.random(in: 0 ... .max), radix: 16))"

    /// Whether there is all that it takes, and containers can run here at all.
    static func isAvailable() async -> Bool {
        guard geteuid() == 0, DockerRegistry.path != nil else { return false }
        let run = ["podman", "run", "--rm", "--network", "host", "localhost/kargo-test:1", "true"]
        let problem = try? await with(registry: "none") { try await $0.problem(of: run) }
        return problem == ""
    }

    /// Makes one for the time of the body.
    static func with<Result>(registry: String, _ body: (RootlessPodman) async throws -> Result) async throws -> Result {
        let podman = RootlessPodman()
        let result: Swift.Result<Result, any Error>
        do {
            let problem = try await podman.make(registry: registry)
            guard problem.isEmpty else { throw LocalClusterError(problem) }
            result = .success(try await body(podman))
        } catch {
            result = .failure(error)
        }
        // The files of its containers are its user's.
        _ = try await podman.run(["rm", "-rf", podman.directory])
        return try result.get()
    }

    /// What begins the command line of a program of that user.
    var launcher: [String] {
        [
            "runuser", "-u", "nobody", "--", "env", "--chdir=/", "HOME=\(directory)/home",
            "PATH=\(directory)/bin:/usr/bin:/bin",
        ]
    }

    /// Makes it, and an image of a static busybox.
    ///
    /// - Returns: What went wrong; nothing at best.
    private func make(registry: String) async throws -> String {
        let script = """
            set -e
            mkdir -p "$1/image/bin" "$1/bin" "$1/home" "$1/run"
            cp "$(command -v busybox)" "$1/image/bin/busybox"
            for name in sh cat id true; do ln -s busybox "$1/image/bin/$name"; done
            tar -C "$1/image" -cf "$1/image.tar" .
            printf '[containers]\\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\\n' > "$1/containers.conf"
            printf '[[registry]]\\nlocation = "%s"\\ninsecure = true\\n' "$2" > "$1/registries.conf"
            runtime=$(PATH=$PATH:/usr/sbin command -v runc || command -v crun)
            cat > "$1/bin/podman" << END
            #!/bin/sh
            export CONTAINERS_CONF=$1/containers.conf CONTAINERS_REGISTRIES_CONF=$1/registries.conf XDG_RUNTIME_DIR=$1/run
            exec $(command -v podman) --root $1/storage --runroot $1/run/podman --storage-driver vfs \\
                --cgroup-manager cgroupfs --events-backend file --runtime $runtime "\\$@"
            END
            chmod 755 "$1/bin/podman"
            chown -R nobody "$1"
            """
        let problem = try await run(["sh", "-c", script, "sh", directory, registry])
        guard problem.isEmpty else { return problem }
        return try await self.problem(of: ["podman", "import", "--quiet", "\(directory)/image.tar", "kargo-test:1"])
    }

    /// Runs a program of that user.
    ///
    /// - Returns: What it complained of, if it failed.
    func problem(of command: [String]) async throws -> String { try await run(launcher + command) }

    private func run(_ command: [String]) async throws -> String {
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(command),
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        return outcome.terminationStatus.isSuccess ? "" : "\(command): \(outcome.standardError)"
    }
}

/// A cluster of a user who is not root.
@Suite(
    .tags(.integration),
    .enabled("podman runs here without root") {
        NodeFixture.controller != nil && ClusterProcess.hasKubectl ? await RootlessPodman.isAvailable() : false
    },
    .timeLimit(.minutes(3))
)
struct RootlessPodmanIntegrationTests {
    @Test func `runs Pods from images that it pulls from a registry`() async throws {
        try await DockerRegistry.with { registry in
            let image = "\(registry)/team/kargo-test:1"
            try await RootlessPodman.with(registry: registry) { podman in
                for command in [["push", "--quiet", "kargo-test:1", image], ["rmi", "kargo-test:1"]] {
                    let problem = try await podman.problem(of: ["podman"] + command)
                    #expect(problem == "")
                }
                try await run(podman, image)
            }
        }
    }

    private func run(_ podman: RootlessPodman, _ image: String) async throws {
        try await ScopedDirectory.with { directory in
            // The user makes the data directory.
            try SystemError.check("give the directory away") { chown(directory.path, 65534, 65534) }
            try await ClusterProcess.with(directory, launcher: podman.launcher, options: ["--runtime", "podman"]) {
                try await checkPods($0, image)
            }
        }
    }

    private func checkPods(_ cluster: ClusterProcess, _ image: String) async throws {
        let account = "/var/run/secrets/kubernetes.io/serviceaccount"
        _ = try await cluster.kubectl(
            "run",
            "p",
            "--image=\(image)",
            "--restart=Never",
            "--command",
            "--",
            "sh",
            "-c",
            "id -u; cat \(account)/namespace; test -s \(account)/token && echo ' token'"
        )
        let ended = try await cluster.kubectl(
            "wait",
            "pod/p",
            "--for=jsonpath={.status.phase}=Succeeded",
            "--timeout=60s"
        )
        let text = try await cluster.kubectl("logs", "p").text
        // Who is root in the container is the user outside of it.
        #expect(text == "0\ndefault token\n", "\(ended.problem)")
        _ = try await cluster.kubectl("run", "q", "--image=\(image)0", "--restart=Never")
        let waiting = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ErrImagePull"
        let missing = try await cluster.kubectl("wait", "pod/q", "--for=\(waiting)", "--timeout=60s")
        #expect(missing.succeeded, "\(missing.problem)")
        let events = try await cluster.kubectl("get", "events", "--field-selector=involvedObject.name=q")
        #expect(events.text.contains("manifest unknown"), "\(events.text)")
        _ = try await cluster.kubectl("delete", "pod", "p", "q", "--grace-period=0")
    }
}
