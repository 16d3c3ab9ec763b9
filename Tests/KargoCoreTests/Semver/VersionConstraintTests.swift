import KargoCore
import Testing

@Suite struct VersionConstraintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var constraint: String
        var admitted: [String]
        var refused: [String]

        init(_ constraint: String, admits admitted: [String], refuses refused: [String]) {
            self.constraint = constraint
            self.admitted = admitted
            self.refused = refused
        }

        var testDescription: String { constraint }
    }

    @Test(arguments: [
        Case("1.2.3", admits: ["1.2.3", "v1.2.3+b"], refuses: ["1.2.4", "1.2.3-rc"]),
        Case("=1.2", admits: ["1.2.0", "1.2.9"], refuses: ["1.3.0", "1.1.9"]),
        Case("= v1", admits: ["1.0.0", "1.9.9"], refuses: ["2.0.0", "0.9.0"]),
        Case("1.x", admits: ["1.0.0", "1.9.9"], refuses: ["2.0.0"]),
        Case("1.X.7", admits: ["1.3.0"], refuses: ["2.0.0"]),
        Case("*", admits: ["0.0.0", "9.9.9"], refuses: ["1.0.0-rc"]), Case("x.|.1", admits: ["3.1.4"], refuses: []),
        Case("!=1.2.3", admits: ["1.2.4", "2.0.0"], refuses: ["1.2.3"]),
        Case("!=1.2", admits: ["1.3.0", "2.2.0"], refuses: ["1.2.0", "1.2.9"]),
        Case("!=1", admits: ["2.0.0"], refuses: ["1.0.0", "1.2.3"]), Case("!=*", admits: ["0.0.1"], refuses: ["0.0.0"]),
        Case(">1.2.3", admits: ["1.2.4"], refuses: ["1.2.3"]), Case(">1.2", admits: ["1.3.0"], refuses: ["1.2.9"]),
        Case(">1", admits: ["2.0.0"], refuses: ["1.9.9", "0.9.0"]), Case(">*", admits: ["0.0.1"], refuses: ["0.0.0"]),
        Case(">=1.2", admits: ["1.2.0"], refuses: ["1.1.9"]), Case("=>1", admits: ["1.0.0"], refuses: ["0.9.9"]),
        Case("<1.2", admits: ["1.1.9"], refuses: ["1.2.0"]), Case("<=1.2", admits: ["1.2.9"], refuses: ["1.3.0"]),
        Case("=<1", admits: ["1.9.9", "0.1.0"], refuses: ["2.0.0"]),
        Case("<=1.2.3", admits: ["1.2.3"], refuses: ["1.2.4"]),
        Case("~1.2.3", admits: ["1.2.3", "1.2.9"], refuses: ["1.2.2", "1.3.0"]),
        Case("~>1.2", admits: ["1.2.0"], refuses: ["1.3.0"]), Case("~1", admits: ["1.9.0"], refuses: ["2.0.0"]),
        Case("~0.0.0", admits: ["7.0.0"], refuses: []), Case("~*", admits: ["7.0.0"], refuses: []),
        Case("~0.0", admits: ["0.0.9"], refuses: ["0.1.0"]),
        Case("^1.2.3", admits: ["1.2.3", "1.9.0"], refuses: ["1.2.2", "2.0.0"]),
        Case("^0.2.3", admits: ["0.2.3", "0.2.9"], refuses: ["0.3.0", "1.0.0"]),
        Case("^0.0.3", admits: ["0.0.3"], refuses: ["0.0.4", "0.1.0"]),
        Case("^0.0", admits: ["0.0.9"], refuses: ["0.1.0"]),
        Case("^0", admits: ["0.9.9"], refuses: ["1.0.0"]), Case("^1.x", admits: ["1.5.0"], refuses: ["2.0.0"]),
        Case(">=1.2, <2", admits: ["1.9.0"], refuses: ["2.0.0", "1.1.0"]),
        Case(">=1.2 <2||^4", admits: ["1.9.0", "4.4.4"], refuses: ["3.0.0"]),
        Case(" >= 1.2\t,<  2 ", admits: ["1.9.0"], refuses: ["2.0.0"]),
        Case("1.2 - 2.3.4", admits: ["1.2.0", "2.3.4"], refuses: ["2.3.5", "1.1.0"]),
        Case("1.2  -\t3 !=2.5.0", admits: ["3.9.9"], refuses: ["2.5.0", "4.0.0"]),
        Case("1 - 2 || v4 - v5", admits: ["2.9.0", "4.0.0"], refuses: ["3.0.0"]),
        Case("1-a - 2", admits: ["1.0.0-b"], refuses: ["1.0.0-0"]),
    ])
    func `admits what it says`(_ example: Case) throws {
        let constraint = try VersionConstraint(example.constraint)
        for text in example.admitted { #expect(constraint.admits(try SemanticVersion(text)), "\(text)") }
        for text in example.refused { #expect(!constraint.admits(try SemanticVersion(text)), "\(text)") }
    }

    @Test func `admits pre-releases only beside one in the constraint`() throws {
        let rc = try SemanticVersion("1.2.4-rc.1")
        #expect(!(try VersionConstraint(">=1.2.3").admits(rc)))
        #expect(!(try VersionConstraint("!=9.9.9").admits(rc)))
        #expect(try VersionConstraint(">=1.2.3-0").admits(rc))
        #expect(try VersionConstraint(">=1.0.0 <2.0.0-0").admits(rc))
        #expect(!(try VersionConstraint(">=1.0.0 || <1.0.0-0").admits(rc)))
        #expect(try VersionConstraint("~1.2.4-0").admits(rc))
        #expect(try VersionConstraint("*-0").admits(rc))
    }

    @Test(arguments: [
        "", " ", "||", "1||", "foo", ">", ">= ", "1.2.", "1.2,", ",1.2", "1.2,,1.3", "1.2.3.4", "1 <>2", ">>1", "=!1",
        "1x",
        "xx", "1.2.3-", "1.2-3 - ", "1.2 -2.0", "- 1", "1 - 2 - 3", ">=1 - 2", "v1.2.3-beta.01", ">=1.2.3<2", "^^1",
        "1|2",
        "99999999999999999999", "1.2.3 é", "latest",
    ])
    func `refuses what is no constraint`(_ text: String) {
        #expect(throws: ValueError.self) { try VersionConstraint(text) }
    }

    @Test(
        arguments: [
            ("*", "*"), (">= 1.2.3", ">=1.2.3"), ("2.x,   >=1.2.3||>4.5.6, < 5.7", "2.x >=1.2.3 || >4.5.6 <5.7"),
            ("1.2 - 2", ">=1.2 <=2"), ("~> v1", "~>v1"),
        ]
    )
    func `writes itself uniformly`(_ text: String, _ expected: String) throws {
        #expect(try VersionConstraint(text).description == expected)
    }

    @Test(arguments: ["1", " ", "1 ", "1,", "||", "1 - ", "a", "-"])
    func `refuses what is too long in good time`(_ part: String) {
        #expect(throws: ValueError.self) { try VersionConstraint(String(repeating: part, count: 1 << 20)) }
    }
}
