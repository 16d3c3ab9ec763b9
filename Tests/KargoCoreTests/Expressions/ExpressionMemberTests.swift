import KargoCore
import Testing

@Suite struct ExpressionMemberTests {
    @Test(
        arguments: [
            ("object.k", "v"), ("object[\"k\"]", "v"), ("object['inner'].deep", 1), ("object . k", "v"),
            ("object.q", .null),
            ("secret.token", "s3"), ("secret.missing", ""), ("secret[\"missing\"]", ""), ("list[0]", "x"),
            ("list[-1]", "z"),
            ("list[1.9]", "y"), ("list[len(list) - 1]", "z"), ("raw[1]", 105), ("text[0]", 97), ("$env.text", "abc"),
            ("$env[\"object\"].k", "v"), ("$env.nope", .null), ("{a: 1}.a", 1), ("[1, 2][1]", 2),
            ("object[nothing]", .null),
            ("groupBy(list, #)[\"x\"]", ["x"]), ("groupBy([1, 2], # > 1)[true]", [2]), ("groupBy(list, #).q", .null),
        ] as [(String, ExpressionValue)]
    )
    func `takes members and elements`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "nothing.x", "nothing[\"x\"]", "nothing[0]", "missing.x", "text.x", "number.x", "list.x", "list[3]", "list[-4]",
        "list[\"0\"]", "list[nothing]", "object[1]", "number[0]", "[][0]", "list[1e300]",
    ])
    func `fails where there is no such member`(_ source: String) async throws {
        #expect(try await failure(of: source) == .evaluation)
    }

    @Test(
        arguments: [
            ("list[1:]", ["y", "z"]), ("list[:-1]", ["x", "y"]), ("list[:]", ["x", "y", "z"]), ("list[1:2]", ["y"]),
            ("list[2:1]", []), ("list[5:]", []), ("list[-9:9]", ["x", "y", "z"]), ("text[1:3]", "bc"),
            ("text[:7]", "abc"),
            ("text[-2:]", "bc"), ("raw[1:]", .bytes([105])), ("list[0.5:1.5]", ["x"]), ("\"é\"[0:1]", "\u{FFFD}"),
            ("(list | first())[0:1]", "x"),
        ] as [(String, ExpressionValue)]
    )
    func `takes parts`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: ["nothing[:1]", "object[:1]", "list[\"a\":]", "list[:nothing]"])
    func `fails where there are no parts`(_ source: String) async throws {
        #expect(try await failure(of: source) == .evaluation)
    }

    @Test(
        arguments: [
            ("nothing?.x", .null), ("nothing?.x.y.z", .null), ("(nothing?.x).y", .null), ("nothing?.[0]", .null),
            ("nothing?.[\"x\"]", .null), ("nothing?.f().g", .null), ("object?.k", "v"), ("object?.q?.r", .null),
            ("object?.[\"k\"]", "v"), ("list?.[0]", "x"), ("object?.q?.r ?? 1", 1), ("[nothing?.x]", [.null]),
            ("find(list, # == \"q\")?.n", .null), ("object?.inner.deep", 1),
        ] as [(String, ExpressionValue)]
    )
    func `skips the rest of a chain at nil`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: ["object?.q.r", "nothing?.[\"x\"][\"y\"]", "nothing?.x[0]", "object.q?.r.s[0]", "object?.k.v"])
    func `does not skip what is outside of a chain`(_ source: String) async throws {
        #expect(try await failure(of: source) == .evaluation)
    }
}
