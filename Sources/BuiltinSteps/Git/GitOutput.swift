/// What git has written.
struct GitOutput: Sendable {
    /// The code with which it has ended; -1 if it was a signal.
    let code: Int32
    let bytes: [UInt8]
    /// What it has said, without secrets.
    let diagnostics: String
    private let secrets: GitSecrets

    init(_ outcome: ChildProcess.Outcome, _ secrets: GitSecrets) {
        self.secrets = secrets
        code = if case .exit(let code) = outcome.ending { code } else { -1 }
        bytes = outcome.output
        diagnostics = secrets.clean(outcome.diagnostics)
    }

    /// The text without the line breaks at its end.
    var text: String {
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// What is before each zero byte.
    var words: [String] { bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) } }

    var lines: [Substring] { String(decoding: bytes, as: UTF8.self).split(separator: "\n") }

    /// The text without what nobody is to read.
    func clean(_ text: String) -> String { secrets.clean(text) }

    /// Why it has failed, as far as it says so: the last lines, without advice.
    var reason: String? {
        let lines = diagnostics.split(whereSeparator: \.isNewline)
            .filter { line in !Self.chatter.contains(where: line.hasPrefix) }
            .suffix(8)
        guard !lines.isEmpty else { return nil }
        let isMoved = lines.contains { line in
            line.contains("returned error: 30") || line.hasPrefix("fatal: redirection is disabled")
        }
        return (lines + (isMoved ? ["the repository has moved; give its new URL"] : [])).joined(separator: "\n")
    }

    private static let chatter = ["hint:", "Cloning into ", "Preparing worktree ", "Rebasing ", "To "]
}
