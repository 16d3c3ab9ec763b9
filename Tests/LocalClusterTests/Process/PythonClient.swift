import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Python with the packages `kubernetes` and `kopf` from PyPI, made once and kept beside what is built.
actor PythonClient {
    static let shared = PythonClient()

    private static let packages = ["kubernetes==37.0.2", "kopf==1.45.2"]
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private var making: Task<String?, Never>?

    /// The interpreter; nil where there is no Python or no PyPI.
    func interpreter() async -> String? {
        let making = self.making ?? Task { await Self.make() }
        self.making = making
        return await making.value
    }

    /// Runs a script of `extended/tests/python` against a cluster.
    ///
    /// - Returns: What it said if it failed.
    func run(_ script: String, kubeconfig: String) async throws -> String? {
        let path = Self.root.appending(path: "extended/tests/python/\(script)").path(percentEncoded: false)
        guard let python = await interpreter() else { return "there is no Python" }
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: [python, path],
            environment: .inherit.updating(["KUBECONFIG": kubeconfig, "PYTHONDONTWRITEBYTECODE": "1"]),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return outcome.terminationStatus.isSuccess ? nil : outcome.standardOutput + outcome.standardError
    }

    private static func make() async -> String? {
        // Named after the packages, so that others need another one.
        let name = packages.joined(separator: "-").replacing("==", with: "-")
        let directory = root.appending(path: ".build/python/\(name)")
        let python = directory.appending(path: "bin/python").path(percentEncoded: false)
        let mark = directory.appending(path: "complete").path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: mark) { return python }
        try? FileManager.default.removeItem(at: directory)
        guard await succeeds(["python3", "-m", "venv", directory.path(percentEncoded: false)]),
            await succeeds([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages)
        else { return nil }
        return FileManager.default.createFile(atPath: mark, contents: nil) ? python : nil
    }

    private static func succeeds(_ command: [String]) async -> Bool {
        let outcome = try? await Subprocess.run(
            .name("env"),
            arguments: Arguments(command),
            output: .discarded,
            error: .discarded
        )
        return outcome?.terminationStatus.isSuccess == true
    }
}
