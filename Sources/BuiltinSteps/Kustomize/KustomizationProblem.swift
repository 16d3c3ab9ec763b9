/// Why a kustomization is not built.
struct KustomizationProblem: Error, Hashable, CustomStringConvertible {
    let description: String
}
