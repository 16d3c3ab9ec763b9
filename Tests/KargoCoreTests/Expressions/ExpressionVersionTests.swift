import KargoCore
import Testing

@Suite struct ExpressionVersionTests {
    private func value(_ source: String) async throws -> ExpressionValue {
        try await KargoCoreTests.value(of: source, functions: [.semverParse, .semverDiff])
    }

    @Test(
        arguments: [
            ("semverParse(\"v1.2.3\").String()", "1.2.3"), ("semverParse(\"v1.2\").Original()", "v1.2"),
            ("semverParse(\"1.2.3\").IncMinor().String()", "1.3.0"),
            ("semverParse(\"v1.2.3-rc\").IncPatch().Original()", "v1.2.3"),
            ("semverParse(\"1.2.3\").IncMajor().String()", "2.0.0"), ("semverParse(\"1.2.3-a+b\").Prerelease()", "a"),
            ("semverParse(\"1.2.3-a+b\").Metadata()", "b"),
            ("semverParse(\"1.2.3\").SetPrerelease(\"x\").String()", "1.2.3-x"),
            ("semverParse(\"1.2.3\").SetMetadata(\"x\").String()", "1.2.3+x"),
            ("semverParse(\"1.2.3\").Major() + 1", 2),
            ("semverParse(\"1.2.3\").Minor() == 2", true), ("semverParse(\"1.2.3\").Patch() > 2.5", true),
            ("semverParse(\"1.4.3\").Minor() % 3", 1), ("semverParse(\"1.2.3\").Minor() * 2.0", 4.0),
            ("bitand(semverParse(\"1.3.0\").Minor(), 1)", 1), ("[10, 20, 30][semverParse(\"1.2.3\").Minor()]", 30),
            ("semverParse(\"1.2.3\").Minor() in [1, 2]", true), ("type(semverParse(\"1.2.3\").Major())", "uint"),
            ("type(semverParse(\"1.2.3\"))", "unknown"), ("string(semverParse(\"v1.2.3+m\"))", "1.2.3+m"),
            ("toJSON(semverParse(\"v1.2.3+m\"))", "\"1.2.3+m\""),
            ("toJSON(semverParse(\"18446744073709551615.0.0\").Major())", "18446744073709551615"),
            ("semverParse(\"1.2.3\").Compare(semverParse(\"1.2.4\"))", -1),
            ("semverParse(\"1.2.3\").Equal(semverParse(\"v1.2.3+m\"))", true),
            ("semverParse(\"1.2.3\") == semverParse(\"1.2.3\")", true),
            ("semverParse(\"1.2.3\") == semverParse(\"v1.2.3\")", false),
            ("semverParse(\"1.2.3\").LessThan(semverParse(\"1.2.3-rc\"))", false),
            ("semverParse(\"1.2.3\").GreaterThanEqual(semverParse(\"1.2.3\"))", true),
            ("\"1.2.3\" | semverParse() | string()", "1.2.3"),
        ] as [(String, ExpressionValue)]
    )
    func `takes versions apart`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(source) == expected)
    }

    @Test(arguments: [
        ("1.2.3", "2.2.3", "Major"), ("1.2.3", "1.3.3", "Minor"), ("v1.2.3", "1.2.4", "Patch"),
        ("1.2", "1.2.0", "None"),
        ("1.2.3-a", "1.2.3-b", "None"), ("1.2.3+a", "1.2.3+b", "Metadata"), ("1.2.3", "1.2.3+b", "Metadata"),
        ("x", "1.2.3", "Incomparable"), ("1.2.3", "", "Incomparable"),
    ])
    func `tells how versions differ`(_ left: String, _ right: String, _ expected: String) async throws {
        #expect(try await value("semverDiff(\"\(left)\", \"\(right)\")") == .string(expected))
    }

    @Test(arguments: [
        "semverParse(\"\")", "semverParse(\"1.2.3.4\")", "semverParse(1)", "semverParse(nothing)", "semverDiff(1, 2)",
        "semverDiff(\"1.2.3\")", "semverParse(\"1.2.3\") < semverParse(\"1.2.4\")", "semverParse(\"1.2.3\").Nope()",
        "semverParse(\"1.2.3\").Compare(\"1.2.4\")", "semverParse(\"1.2.3\").SetPrerelease(\"01\")",
        "semverParse(\"1.2.3\").major",
        "semverParse(\"0.0.18446744073709551615\").IncPatch()", "semverParse(\"1.2.3\") + 1",
    ])
    func `refuses what is no version`(_ source: String) async throws {
        await #expect(throws: ExpressionError.self) { try await value(source) }
    }
}
