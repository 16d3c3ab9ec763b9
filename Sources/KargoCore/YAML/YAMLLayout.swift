/// How a document is laid out.
///
/// Programs in Go write YAML with one of two generations of go-yaml, which differ in what stands here.
struct YAMLLayout: Sendable {
    /// By how many columns a mapping is indented in a mapping.
    let indent: Int
    /// The column after which a long scalar is folded at the next space; nil for never.
    let width: Int?
    /// Whether a list is indented in the mapping that it is in.
    let indentsLists: Bool
    /// Whether text with tabs can be a literal block.
    let allowsTabsInBlocks: Bool
    /// The order of a mapping's keys.
    let keyOrder: YAMLKeyOrder

    /// That of go-yaml 2, which Kubernetes' own tools use by way of `sigs.k8s.io/yaml`.
    static let goYAML2 = YAMLLayout(
        indent: 2,
        width: 80,
        indentsLists: false,
        allowsTabsInBlocks: false,
        keyOrder: YAMLKeyOrder(putsLettersFirstAfterDigits: false)
    )

    /// That of go-yaml 3's `yaml.Marshal`, which Kargo's `asYAML` calls.
    static let goYAML3 = YAMLLayout(
        indent: 4,
        width: nil,
        indentsLists: true,
        allowsTabsInBlocks: true,
        keyOrder: YAMLKeyOrder(putsLettersFirstAfterDigits: true)
    )
}
