import KargoCore
import Testing

@Suite("Members that Go leaves out or keeps")
struct OmitEmptyTests {
    private struct Inner: Codable, Hashable, EmptyRepresentable {
        @OmitEmpty var text = ""
    }

    private struct Sample: Codable, Hashable, Sendable {
        @OmitEmpty var text = ""
        @OmitEmpty var flag = false
        @OmitEmpty var int = 0
        @OmitEmpty var int32: Int32 = 0
        @OmitEmpty var int64: Int64 = 0
        @OmitEmpty var list: [String] = []
        @OmitEmpty var map: [String: Int] = [:]
        @DefaultEmpty var name = ""
        @DefaultEmpty var count: Int32 = 0
        @DefaultEmpty var items: [Int] = []
        @DefaultEmpty var inner = Inner()
        @ExplicitNull var handle: String?
        var pointer: Int64?
    }

    private struct Renamed: Codable, Hashable {
        @OmitEmpty var spelling = ""
        @DefaultEmpty var other = 0

        private enum CodingKeys: String, CodingKey {
            case spelling = "wire-spelling"
            case other = "wire-other"
        }
    }

    private static let alwaysThere: JSONValue = [
        "name": "", "count": 0, "items": [], "inner": [:], "handle": nil,
    ]

    @Test func `an empty value encodes only the members that are always there`() throws {
        #expect(try JSONValueEncoder().encode(Sample()) == Self.alwaysThere)
    }

    @Test func `an empty object decodes to the empty value`() throws {
        #expect(try JSONValueDecoder(unknownFields: .rejected).decode(Sample.self, from: [:]) == Sample())
    }

    @Test func `null decodes like an absent member`() throws {
        let keys = [
            "text", "flag", "int", "int32", "int64", "list", "map", "name", "count", "items", "inner", "handle",
            "pointer",
        ]
        let nulls = JSONValue.object(Dictionary(uniqueKeysWithValues: keys.map { ($0, .null) }))
        #expect(try JSONValueDecoder(unknownFields: .rejected).decode(Sample.self, from: nulls) == Sample())
    }

    @Test func `values that are not empty make the round trip`() throws {
        let json: JSONValue = [
            "text": "t", "flag": true, "int": -1, "int32": 2, "int64": 3, "list": [""], "map": ["a": 0],
            "name": "n", "count": 4, "items": [0], "inner": ["text": "x"], "handle": "h", "pointer": 5,
        ]
        let sample = try JSONValueDecoder(unknownFields: .rejected).decode(Sample.self, from: json)
        #expect(sample.list == [""])
        #expect(sample.inner.text == "x")
        #expect(sample.handle == "h")
        #expect(try JSONValueEncoder().encode(sample) == json)
    }

    @Test func `the zero of a pointer is encoded`() throws {
        var sample = Sample()
        sample.pointer = 0
        #expect(try JSONValueEncoder().encode(sample)["pointer"] == 0)
    }

    @Test(
        arguments: [
            (["text": 1], "text: must be a string, not 1"),
            (["list": ["a", 1]], "list[1]: must be a string, not 1"),
            (["count": "1"], "count: must be an integer, not a string"),
            (["count": 2_147_483_648], "count: must be between -2147483648 and 2147483647, not 2147483648"),
            (["inner": ["text": false]], "inner.text: must be a string, not false"),
            (["handle": 1], "handle: must be a string, not 1"),
            (["inner": ["txt": "x"]], "inner.txt: unknown field"),
            (["Text": "x"], "Text: unknown field"),
        ] as [(JSONValue, String)]
    )
    func `an error names the member`(json: JSONValue, message: String) {
        let error = #expect(throws: FieldError.self) {
            try JSONValueDecoder(unknownFields: .rejected).decode(Sample.self, from: json)
        }
        #expect(error?.description == message)
    }

    @Test func `members keep their own spelling`() throws {
        var renamed = Renamed()
        #expect(try JSONValueEncoder().encode(renamed) == ["wire-other": 0])
        renamed.spelling = "s"
        let json = try JSONValueEncoder().encode(renamed)
        #expect(json == ["wire-spelling": "s", "wire-other": 0])
        #expect(try JSONValueDecoder(unknownFields: .rejected).decode(Renamed.self, from: json) == renamed)
    }

    @Test func `a wrapper outside an object is the value itself`() throws {
        let list = [OmitEmpty(wrappedValue: ""), OmitEmpty(wrappedValue: "a")]
        let json = try JSONValueEncoder().encode(list)
        #expect(json == ["", "a"])
        #expect(try JSONValueDecoder().decode([OmitEmpty<String>].self, from: json) == list)
        #expect(try JSONValueEncoder().encode([DefaultEmpty(wrappedValue: 0)]) == [0])
        #expect(try JSONValueDecoder().decode([DefaultEmpty<Int>].self, from: [0]) == [DefaultEmpty(wrappedValue: 0)])
        let handles = [ExplicitNull<Int>(), ExplicitNull(wrappedValue: 1)]
        #expect(try JSONValueEncoder().encode(handles) == [nil, 1])
        #expect(try JSONValueDecoder().decode([ExplicitNull<Int>].self, from: [nil, 1]) == handles)
    }
}
