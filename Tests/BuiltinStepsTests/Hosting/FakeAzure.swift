import KargoCore
import NIOHTTP1

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Azure DevOps, as far as steps call it.
struct FakeAzure: FakeHosting {
    static let hosting = GitHosting.azure

    let pulls: FakePulls
    let path = "acme/My%20Shop/_git/app"

    private static let root = ["acme", "My Shop", "_apis", "git", "repositories", "app", "pullrequests"]

    init(_ pulls: FakePulls) { self.pulls = pulls }

    func respond(_ request: StubServer.Request) -> StubServer.Response {
        let secret = Data(":\(FakePulls.token)".utf8).base64EncodedString()
        // Whoever is not known gets the page to sign in.
        guard request.headers.first(name: "authorization") == "Basic \(secret)" else {
            return .text("<html>Sign in</html>", type: "text/html", status: 203)
        }
        guard request.query["api-version"] == "7.1", request.pieces.starts(with: Self.root) else {
            return .message("TF400813: The resource can't be found", status: 404)
        }
        let path = request.pieces.dropFirst(Self.root.count).map(\.self)
        if path.isEmpty { return request.method == .POST ? create(request.json) : list(request) }
        guard let number = Int64(path[0]), let pull = pulls.look(number) else {
            return .message("TF401180: The requested pull request was not found.", status: 404)
        }
        if request.method == .PATCH, request.json["status"] == "completed" {
            guard request.json[path: "lastMergeSourceCommit", "commitId"]?.stringValue == pull.head else {
                return .message(
                    "TF401192: The source branch has been modified since the last merge attempt.",
                    status: 409
                )
            }
            let method = request.json[path: "completionOptions", "mergeStrategy"]?.stringValue
            return .json(pulls.merge(number, method: method).map(json) ?? .null)
        }
        return .json(json(pull))
    }

    private func create(_ body: JSONValue) -> StubServer.Response {
        let text = { (name: String) in body[name]?.stringValue ?? "" }
        let labels = (body["labels"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let prefix = "refs/heads/"
        let (source, target) = (text("sourceRefName"), text("targetRefName"))
        guard source.hasPrefix(prefix), target.hasPrefix(prefix),
            let pull = pulls.create(
                text("title"),
                text("description"),
                String(source.dropFirst(prefix.count)),
                String(target.dropFirst(prefix.count)),
                labels
            )
        else {
            return .message(
                "TF401179: An active pull request for the source and target branch already exists.",
                status: 409
            )
        }
        return .json(json(pull), status: 201)
    }

    /// Names of branches without `refs/heads/` find nothing.
    private func list(_ request: StubServer.Request) -> StubServer.Response {
        let query = request.query
        let found = pulls.all.filter { pull in
            (query["searchCriteria.status"] != "active" || pull.state == .open)
                && query["searchCriteria.sourceRefName"].map { $0 == "refs/heads/" + pull.source } ?? true
                && query["searchCriteria.targetRefName"].map { $0 == "refs/heads/" + pull.target } ?? true
        }
        let page = found.dropFirst(Int(query["$skip"] ?? "") ?? 0).prefix(Int(query["$top"] ?? "") ?? 101)
        return .json(["count": .int(Int64(page.count)), "value": .array(page.map(json))])
    }

    private func json(_ pull: FakePulls.Pull) -> JSONValue {
        let status =
            switch pull.state {
            case .open: "active"
            case .closed: "abandoned"
            case .merged: "completed"
            }
        let mergeStatus =
            switch pull.readiness {
            case .ready, .draft: "succeeded"
            case .unknown: "queued"
            case .conflict: "conflicts"
            case .blocked: "rejectedByPolicy"
            }
        return [
            "pullRequestId": .int(pull.number), "status": .string(status), "creationDate": .string(pull.createdAt),
            "mergeStatus": .string(mergeStatus), "isDraft": .bool(pull.readiness == .draft),
            "sourceRefName": .string("refs/heads/" + pull.source),
            "targetRefName": .string("refs/heads/" + pull.target),
            "lastMergeSourceCommit": ["commitId": .string(pull.head)],
            // A trial of its own while it is open.
            "lastMergeCommit": ["commitId": .string(pull.mergeCommit ?? FakePulls.commit("7"))],
        ]
    }
}
