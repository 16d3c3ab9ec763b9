import BuiltinSteps
import KargoCore
import Testing

@Suite("Configuration of git steps")
struct GitConfigTests {
    @Test(
        arguments: [
            ("git-clone", [:], "(root): repoURL is required"),
            ("git-clone", ["repoURL": "u"], "(root): checkout is required"),
            ("git-clone", ["repoURL": ""], "repoURL: String length must be greater than or equal to 1"),
            ("git-clone", ["repoURL": "u", "checkout": []], "checkout: Array must have at least 1 items"),
            ("git-clone", ["repoURL": "u", "checkout": [[:]]], "checkout.0: path is required"),
            ("git-clone", ["repoURL": "u", "checkout": [["path": ""]]], "checkout.0.path: String length must be"),
            (
                "git-clone", ["repoURL": "u", "checkout": [["path": "p", "branch": "b", "tag": "t"]]],
                "checkout.0: Must validate one and only one schema (oneOf)"
            ),
            (
                "git-clone", ["repoURL": "u", "checkout": [["path": "p", "commit": "c", "tag": "t"]]],
                "checkout.0: Must validate one and only one schema (oneOf)"
            ),
            (
                "git-clone", ["repoURL": "u", "checkout": [["path": "p", "tag": "t", "create": true]]],
                "checkout.0: Must validate one and only one schema (oneOf)"
            ),
            (
                "git-clone", ["repoURL": "u", "checkout": [["path": "p", "x": 1]]],
                "checkout.0: Additional property x is not allowed"
            ),
            (
                "git-clone", ["repoURL": "u", "checkout": [["path": "p", "sparse": [""]]]],
                "checkout.0.sparse.0: String length must be greater than or equal to 1"
            ),
            (
                "git-clone", ["repoURL": "u", "checkout": [["path": "p"]], "author": ["name": "n"]],
                "author: email is required"
            ),
            ("git-clear", [:], "(root): path is required"), ("git-clear", ["path": ""], "path: String length must be"),
            ("git-commit", ["path": "p"], "(root): message is required"),
            ("git-commit", ["path": "p", "message": ""], "message: String length must be greater than or equal to 1"),
            ("git-commit", ["path": "p", "message": "m", "author": ["email": "e"]], "author: name is required"),
            ("git-commit", ["path": "p", "message": "m", "x": 1], "(root): Additional property x is not allowed"),
            ("git-push", [:], "(root): path is required"),
            ("git-push", ["path": "p", "targetBranch": "b", "generateTargetBranch": true], "one and only one schema"),
            ("git-push", ["path": "p", "targetBranch": "b", "tag": "t"], "one and only one schema (oneOf)"),
            ("git-push", ["path": "p", "generateTargetBranch": true, "tag": "t"], "one and only one schema (oneOf)"),
            ("git-push", ["path": "p", "tag": "t", "force": true], "one and only one schema (oneOf)"),
            ("git-push", ["path": "p", "maxAttempts": 0], "maxAttempts: Must be greater than or equal to 1"),
            ("git-push", ["path": "p", "provider": "sourceforge"], "provider must be one of the following"),
            ("git-tag", ["path": "p", "tag": "t"], "(root): message is required"),
            ("git-tag", ["path": "p", "tag": "", "message": "m"], "tag: String length must be greater than or equal"),
        ] as [(String, JSONValue, String)]
    )
    func `is refused`(kind: String, config: JSONValue, problem: String) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run(kind, config)
            #expect(result.status == .failed)
            guard case .terminal(let message) = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(message.hasPrefix("invalid \(kind) config: "))
            #expect(message.contains(problem), "\(message)")
        }
    }

    /// The first thing that is wrong with them is that there is no work tree.
    @Test(
        arguments: [
            ("git-push", ["path": "p"]), ("git-push", ["path": "p", "targetBranch": "", "tag": ""]),
            ("git-push", ["path": "p", "targetBranch": "b", "tag": "", "generateTargetBranch": false]),
            ("git-push", ["path": "p", "generateTargetBranch": true, "force": true, "targetBranch": ""]),
            ("git-push", ["path": "p", "tag": "t", "force": false, "targetBranch": ""]),
            ("git-push", ["path": "p", "maxAttempts": 2_147_483_647, "provider": "azure"]),
            ("git-tag", ["path": "p", "tag": "t", "message": "m", "unknown": 1]),
            ("git-commit", ["path": "p", "message": "m", "author": ["name": "n", "email": "e@x", "signingKey": ""]]),
        ] as [(String, JSONValue)]
    )
    func `is accepted`(kind: String, config: JSONValue) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run(kind, config)
            #expect(result.status == .errored)
            #expect(result.failure?.message.contains("\"p\"") == true, "\(result)")
        }
    }
}
