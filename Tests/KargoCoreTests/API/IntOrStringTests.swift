import KargoCore
import Testing

@Suite("Integer or string")
struct IntOrStringTests {
    @Test(
        arguments: [(8080, 8080), ("http", "http"), ("8080", "8080"), ("", ""), (-1, -1)] as [(JSONValue, IntOrString)]
    )
    func `keeps its type`(json: JSONValue, value: IntOrString) throws {
        for decoder in [JSONValueDecoder(), JSONValueDecoder(convertsScalarsToStrings: true)] {
            #expect(try decoder.decode(IntOrString.self, from: json) == value)
        }
        #expect(try JSONValueEncoder().encode(value) == json)
    }

    @Test func `is shown as text`() {
        #expect(IntOrString.int(80).description == "80")
        #expect(IntOrString.string("http").description == "http")
    }

    @Test(
        arguments: [
            (2_147_483_648, "port: must be between -2147483648 and 2147483647, not 2147483648"),
            (80.5, "port: must be an integer or a string, not of type number"),
            (true, "port: must be an integer or a string, not of type boolean"),
        ] as [(JSONValue, String)]
    )
    func `an error names the field`(json: JSONValue, message: String) {
        let error = #expect(throws: FieldError.self) {
            try JSONValueDecoder().decode(TCPSocketAction.self, from: ["port": json])
        }
        #expect(error?.description == message)
    }

    @Test(arguments: [[:], ["port": nil]] as [JSONValue])
    func `an absent port is zero`(json: JSONValue) throws {
        let action = try JSONValueDecoder().decode(TCPSocketAction.self, from: json)
        #expect(action.port == 0)
        #expect(try JSONValueEncoder().encode(action) == ["port": 0])
    }
}
