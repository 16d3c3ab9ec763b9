import KargoCore

/// In whose name a step commits, as its configuration says.
struct GitAuthor: Sendable, Hashable, Decodable {
    var name: String
    var email: String
    var signingKey: String?

    var user: GitUser { GitUser(name: name, email: email, signingKey: signingKey ?? "") }
}
