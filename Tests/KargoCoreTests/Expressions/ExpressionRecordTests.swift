import KargoCore
import Testing

@Suite struct ExpressionRecordTests {
    private static let commit = ExpressionValue.record(
        ExpressionRecord(
            typeName: "unknown",
            fields: [
                .init("RepoURL", jsonName: "repoURL", "u<"), .init("ID", jsonName: "id", "abc"),
                .init("Hidden", jsonName: nil, 1),
                .init("Tags", jsonName: "tags", ["b": [1.5], "a": .null]),
            ]
        )
    )

    @Test(
        arguments: [
            ("commit.ID", "abc"), ("commit[\"ID\"]", "abc"), ("commit?.Tags.b[0]", 1.5), ("\"ID\" in commit", true),
            ("\"id\" in commit", false), ("type(commit)", "unknown"), ("commit == commit", true),

            ("string(commit)", "{u< abc 1 map[a:<nil> b:[1.5]]}"),
            (
                "toJSON(commit)",
                "{\n  \"repoURL\": \"u\\u003c\",\n  \"id\": \"abc\",\n  \"tags\": {\n    \"a\": null,\n    \"b\": [\n      1.5\n    ]\n  }\n}"
            ),
        ] as [(String, ExpressionValue)]
    )
    func `has fields`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source, ["commit": Self.commit]) == expected)
    }

    @Test(arguments: [
        "commit.id", "commit[\"id\"]", "commit[0]", "1 in commit", "commit.Tags.b.c", "keys(commit)",
        "get(commit, \"ID\")", "commit()",
    ])
    func `has nothing else`(_ source: String) async throws {
        #expect(try await failure(of: source, ["commit": Self.commit]) == .evaluation)
    }

    @Test func `keeps the order of its fields in a template`() async throws {
        let environment = ExpressionEnvironment(variables: ["commit": Self.commit])
        let text = try await Template("x${{ commit }}").evaluate(in: environment)
        #expect(text == "x{\"repoURL\":\"u\\u003c\",\"id\":\"abc\",\"tags\":{\"a\":null,\"b\":[1.5]}}")
        #expect(try Self.commit.jsonValue()["id"] == "abc")
    }
}
