import Testing

@testable import LocalCluster

struct VariableExpansionTests {
    private let variables = ["A": "1", "B": "$(A)", "EMPTY": "", "é": "x"]

    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("$(A)", "1"), ("a$(A)b$(A)c", "a1b1c"), ("$(NONE)", "$(NONE)"),
        ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$$$$", "$$"), ("$", "$"), ("$(", "$("), ("$(A", "$(A"), ("$A", "$A"),
        ("$(B)", "$(A)"), ("[$(EMPTY)]", "[]"), ("$()", "$()"), ("$(é)ü", "xü"), ("$(A$(A))", "$(A$(A))"),
    ])
    func `replaces variables as Kubernetes does`(text: String, result: String) {
        #expect(text.expandingVariables { variables[$0] } == result)
    }
}
