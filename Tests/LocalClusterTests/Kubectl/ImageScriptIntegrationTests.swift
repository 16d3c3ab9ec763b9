import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `extended/image/build.sh` with programs that only say what they were told.
@Suite(.tags(.integration), .timeLimit(.minutes(1)))
struct ImageScriptIntegrationTests {
    private static let script = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        .appending(path: "extended/image/build.sh").path

    private func run(
        programs: [String],
        _ environment: [Environment.Key: String?] = [:]
    ) async throws -> (succeeded: Bool, output: String, problem: String) {
        try await ScopedDirectory.with { directory in
            // Links to a program that is there anyway, for the script only looks whether they can be started.
            for name in programs + ["bash", "dirname", "basename"] {
                let known = ["bash", "dirname", "basename"].contains(name)
                let target = known ? "/usr/bin/\(name)" : "/bin/true"
                try FileManager.default.createSymbolicLink(
                    atPath: directory.file(name),
                    withDestinationPath: target
                )
            }
            let own: [Environment.Key: String?] = ["PATH": directory.path, "DRY_RUN": "1"]
            let outcome = try await Subprocess.run(
                .name("bash"),
                arguments: [Self.script],
                environment: .inherit.updating(own.merging(environment) { _, new in new }),
                input: .none,
                output: .string(limit: 1 << 16),
                error: .string(limit: 1 << 16)
            )
            return (outcome.terminationStatus.isSuccess, outcome.standardOutput, outcome.standardError)
        }
    }

    @Test(arguments: [
        (["podman", "buildah"], "podman build", true), (["buildah"], "buildah build", true),
        (["docker", "podman"], "docker build", false),
    ])
    func `takes what is there`(programs: [String], command: String, namesIgnoreFile: Bool) async throws {
        let (succeeded, output, _) = try await run(programs: programs)
        #expect(succeeded)
        #expect(output.hasPrefix("\(command) --file extended/image/Containerfile --tag kargo-extended:latest"))
        #expect(output.contains("--ignorefile") == namesIgnoreFile)
    }

    @Test func `says what to install where there is nothing`() async throws {
        let (succeeded, _, problem) = try await run(programs: [])
        #expect(!succeeded)
        #expect(problem.contains("there is none of docker, podman and buildah on the PATH"))
    }

    @Test func `takes no program without its digest`() async throws {
        let (succeeded, _, problem) = try await run(programs: ["podman"], ["HELM_VERSION": "3.1.4"])
        #expect(!succeeded && problem.contains("HELM_SHA256 is not"))
        let (_, output, _) = try await run(programs: ["podman"], ["HELM_VERSION": "3.1.4", "HELM_SHA256": "ab"])
        #expect(output.contains("--build-arg HELM_VERSION=3.1.4 --build-arg HELM_SHA256=ab"))
    }
}
