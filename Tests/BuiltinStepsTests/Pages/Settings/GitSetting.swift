import BuiltinSteps
import KargoCore
import KargoTestSupport

extension PageSetting {
    /// A bare repository, as `vars.repoURL`, whose branch `main` has `values.yaml` with an image's tag, and `README.md`.
    static let git = PageSetting(name: "git", startsPrograms: true) { directory, body in
        let git = GitBench(bench: StepBench(outside: directory))
        let values = "image:\n  repository: nginx\n  tag: 1.27.0\n"
        try await git.makeRepository("origin.git", files: ["README.md": "An example.\n", "values.yaml": values])
        try await body(PageScene(vars: ["repoURL": git.origin], capabilities: git.capabilities))
    }
}
