/// What an expression can look at, found without evaluating it.
struct ExpressionReferences: Sendable {
    /// Each variable with the members that are named after it: `outputs.build.image` is `["outputs", "build", "image"]`.
    var paths: Set<[String]> = []
    /// The functions of the environment that it may call.
    var functions: Set<String> = []
    /// Whether it may look at every variable, by `$env`.
    var seesAll = false

    init(_ tree: borrowing ExpressionTree) {
        var memberOf: [Int: (member: Int, name: String)] = [:]
        for (index, entry) in tree.entries.enumerated() {
            guard case .member(let base, let name, _) = entry.node else { continue }
            memberOf[Int(base.index)] = (index, tree.names[Int(name)])
        }
        for (index, entry) in tree.entries.enumerated() {
            switch entry.node {
            case .variable(let name):
                var path = [tree.names[Int(name)]]
                var place = index
                while let next = memberOf[place] {
                    path.append(next.name)
                    place = next.member
                }
                paths.insert(path)
            case .call(let name, _): functions.insert(tree.names[Int(name)])
            case .environment: seesAll = true
            default: continue
            }
        }
    }
}
