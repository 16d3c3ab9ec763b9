/// A commit, as far as steps look at it.
struct GitCommit: Sendable, Hashable {
    /// Somebody, and when.
    struct Signature: Sendable, Hashable {
        var name: String
        var email: String
        /// As ISO 8601 has it.
        var date: String
    }

    /// Whether a commit is signed, and by whom.
    enum Trust: Sendable, Hashable {
        /// By a key that is trusted.
        case trusted
        /// In another way.
        case untrusted
        case unsigned

        /// - Parameter letter: What git prints for `%G?`.
        init(_ letter: String) {
            switch letter {
            case "G": self = .trusted
            case "N", "": self = .unsigned
            default: self = .untrusted
            }
        }
    }

    var id: String
    var tree: String
    var parents: [String]
    var trust: Trust
    var author: Signature
    var committer: Signature
    /// The user ID of the key; empty if it is not signed.
    var signer: String
    var message: String
}

extension GitCommit {
    /// Reads what `git log` prints in the format of ``GitClone/commits(in:notIn:)``.
    static func list(_ bytes: [UInt8]) -> [GitCommit] {
        bytes.split(separator: 1)
            .compactMap { bytes in
                let fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                // A separator of git's own comes before all but the first.
                let start = fields.first?.isEmpty == true ? 1 : 0
                guard fields.count >= start + 12 else { return nil }
                let field = { (index: Int) in fields[start + index] }
                return GitCommit(
                    id: field(0),
                    tree: field(1),
                    parents: field(2).split(separator: " ").map(String.init),
                    trust: Trust(field(3)),
                    author: Signature(name: field(4), email: field(5), date: field(6)),
                    committer: Signature(name: field(7), email: field(8), date: field(9)),
                    signer: field(10),
                    message: field(11)
                )
            }
    }
}
