import KargoCore

/// A revision and where it goes, as the configuration of `git-clone` says.
struct GitCheckout: Sendable, Hashable, Decodable {
    var path: String
    var branch: String?
    var commit: String?
    var tag: String?
    var create: Bool?
    var `as`: String?
    var sparse: [String]?

    /// - Throws: ``GitError`` for a directory that is a pattern or leads out of the repository.
    func checkSparse() throws(GitError) {
        for directory in sparse ?? [] {
            let reason: String? =
                if directory.hasPrefix("/") {
                    "is absolute"
                } else if directory.split(separator: "/").contains("..") {
                    "leads out of the repository"
                } else if directory.contains(where: { "*?[\\\"\n".contains($0) }) {
                    "is not the name of a directory"
                } else {
                    nil
                }
            if let reason { throw GitError(.refused, "the sparse path \"\(directory)\" \(reason)") }
        }
    }
}
