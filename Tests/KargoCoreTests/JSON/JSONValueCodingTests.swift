import KargoCore
import Testing

@Suite("JSON value coding")
struct JSONValueCodingTests {
    struct Port: Codable, Equatable {
        var name: String?
        var number: Int32
    }

    struct Server: Codable, Equatable {
        var title: String
        var ports: [Port]
        var labels: [String: String]?
        var extra: JSONValue?
        var ratio: Double?
    }

    let value: JSONValue = [
        "title": "web", "ports": [["name": "http", "number": 80], ["number": 443]], "labels": ["a/b": "c"],
        "extra": ["any": [1, nil]], "ratio": 2,
    ]

    @Test func `decodes and encodes what it decoded`() throws {
        let server = try JSONValueDecoder(unknownFields: .rejected).decode(Server.self, from: value)
        #expect(server.ports == [Port(name: "http", number: 80), Port(name: nil, number: 443)])
        #expect(server.extra == ["any": [1, nil]])
        var expected = value
        expected["ratio"] = 2.0
        #expect(try JSONValueEncoder().encode(server) == expected)
    }

    @Test(
        arguments: [
            (["ports"], "x", "ports: must be an array, not a string"),
            (["title"], 5, "title: must be a string, not 5"),
            (["title"], nil, "title: must be a string, not null"),
            (["labels", "a/b"], [], "labels[a/b]: must be a string, not an array"),
            (["labels"], [1], "labels: must be an object, not an array"),
            (["ratio"], "1", "ratio: must be a number, not a string"),
            (["ports"], [["number": 80], ["name": "x"]], "ports[1].number: is required"),
            (
                ["ports"], [["number": 5_000_000_000]],
                "ports[0].number: must be between -2147483648 and 2147483647, not 5000000000"
            ),
            (["ports"], [["number": 1.5]], "ports[0].number: must be an integer, not 1.5"),
            (["ports"], [["number": 1, "numbr": 2]], "ports[0].numbr: unknown field"),
            (["zzz"], 1, "zzz: unknown field"),
        ] as [([String], JSONValue, String)]
    )
    func `names the field that is wrong`(path: [String], replacement: JSONValue, message: String) {
        var value = value
        if path.count == 1 { value[path[0]] = replacement } else { value[path: path[0], path[1]] = replacement }
        let error = #expect(throws: FieldError.self) {
            try JSONValueDecoder(unknownFields: .rejected).decode(Server.self, from: value)
        }
        #expect(error?.description == message)
    }

    @Test func `lists unknown fields without refusing them`() throws {
        var value = value
        value["b"] = 1
        value["a"] = ["x": 1]
        let (server, unknown) = try JSONValueDecoder().decodeReportingUnknownFields(Server.self, from: value)
        #expect(server.title == "web")
        #expect(unknown.map(\.description) == ["a", "b"])
    }

    @Test func `takes scalars for strings where YAML does`() throws {
        let decoder = JSONValueDecoder(convertsScalarsToStrings: true)
        #expect(try decoder.decode([String].self, from: [1, 1.5, true, "x"]) == ["1", "1.5", "true", "x"])
        #expect(throws: FieldError.self) { try decoder.decode([String].self, from: [nil]) }
        #expect(throws: FieldError.self) { try JSONValueDecoder().decode([String].self, from: [1]) }
    }

    @Test func `shows odd member names of a path in brackets`() {
        let path = FieldPath([.key("metadata"), .key("labels"), .key("a.b/c"), .index(3), .key("x-y")])
        #expect(path.description == "metadata.labels[a.b/c][3].x-y")
    }
}
