import KargoCore
import KargoTestSupport
import Testing

/// What programs in Python do with a cluster.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .enabled("python3 and PyPI are needed") { await PythonClient.shared.interpreter() != nil },
    .timeLimit(.minutes(3))
)
struct PythonIntegrationTests {
    @Test(arguments: ["clients.py", "things_operator.py"])
    func `the client and an operator of kopf are served`(script: String) async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory, options: ["--no-node"]) { cluster in
                let problem = try await PythonClient.shared.run(script, kubeconfig: cluster.installation.kubeconfig)
                #expect(problem == nil, "\(problem ?? "")")
            }
        }
    }
}
