import KargoCore
import NIOHTTP1

/// A run of a workflow of GitHub Actions.
struct GitHubRun: Sendable, Hashable, Decodable {
    var id: Int64
    var url: String
    var status: String
    var conclusion: String?
    /// The branch or tag whose workflow it is.
    var branch: String?

    enum CodingKeys: String, CodingKey {
        case id, status, conclusion
        case url = "html_url"
        case branch = "head_branch"
    }
}

/// Workflows of a repository; all functions throw ``APIFailure`` and `CancellationError`.
extension GitHubRepository {
    private struct Dispatched: Decodable {
        var run: Int64

        enum CodingKeys: String, CodingKey { case run = "workflow_run_id" }
    }

    private struct Runs: Decodable {
        var runs: [GitHubRun]

        enum CodingKeys: String, CodingKey { case runs = "workflow_runs" }
    }

    /// Reads a run.
    func run(_ id: Int64) async throws -> GitHubRun {
        try await call(.GET, "actions", "runs", "\(id)").decode()
    }

    /// Reads the last runs of a workflow that were dispatched, the newest first.
    func dispatchedRuns(of workflow: String) async throws -> [GitHubRun] {
        try await call(
            .GET,
            "actions",
            "workflows",
            workflow,
            "runs",
            query: [("event", "workflow_dispatch"), ("per_page", "100")]
        )
        .decode(Runs.self).runs
    }

    /// Starts a workflow.
    ///
    /// - Returns: The run; nil if the server does not say.
    func dispatch(_ workflow: String, ref: String, inputs: [String: JSONValue]) async throws -> Int64? {
        var fields: [String: JSONValue] = ["ref": .string(ref), "return_run_details": true]
        if !inputs.isEmpty { fields["inputs"] = .object(inputs) }
        let path = self.path + ["actions", "workflows", workflow, "dispatches"]
        let response: APIResponse
        do {
            response = try await client.call(.POST, path, body: .object(fields))
        } catch let failure as APIFailure
            where [400, 422].contains(failure.status) && failure.reason.contains("return_run_details")
        {
            // A server that is older than this parameter.
            fields["return_run_details"] = nil
            response = try await client.call(.POST, path, body: .object(fields))
        }
        return response.body.isEmpty ? nil : try response.decode(Dispatched.self).run
    }
}
