/// Why helm is not run, or did not do what it should.
struct HelmProblem: Error, Hashable, CustomStringConvertible {
    let description: String
}
