import KargoCore
import Testing

@Suite struct ExpressionValueTests {
    @Test func `takes numbers of JSON as they are or as floating point numbers`() {
        let json: JSONValue = ["a": [1, 1.5, nil, true, "s", [:]]]
        #expect(ExpressionValue(json, numbers: .exact) == ["a": [1, 1.5, .null, true, "s", [:]]])
        #expect(ExpressionValue(json, numbers: .floating) == ["a": [1.0, 1.5, .null, true, "s", [:]]])
    }

    @Test func `becomes the JSON that Go would write`() throws {
        let value: ExpressionValue = ["a": [1, 1.5, .null, true, "s"], "b": .bytes([104, 105])]
        #expect(try value.jsonValue() == ["a": [1, 1.5, nil, true, "s"], "b": "aGk="])
        #expect(try ExpressionValue.map(ExpressionMap(texts: ["k": "v"])).jsonValue() == ["k": "v"])
    }

    @Test(
        arguments: [
            .double(.nan), .double(.infinity), [.double(-.infinity)],
            .function(ExpressionFunction("f", arity: 0...0) { _ in .null }),
        ] as [ExpressionValue]
    )
    func `does not become JSON that there is not`(_ value: ExpressionValue) {
        #expect(throws: ExpressionError.self) { try value.jsonValue() }
    }

    @Test func `reads a missing key as nil or as an empty string`() {
        #expect(ExpressionMap(["a": 1])["b"] == .null)
        #expect(ExpressionMap(texts: ["a": "1"])["b"] == "")
        #expect(ExpressionMap(texts: ["a": "1"]).count == 1)
    }

    @Test func `names its kind as the language does`() {
        let values: [ExpressionValue] = [.null, true, 1, 1.0, "", .bytes([]), [], [:]]
        #expect(values.map(\.kindName) == ["nil", "bool", "int", "float", "string", "bytes", "array", "map"])
    }
}
