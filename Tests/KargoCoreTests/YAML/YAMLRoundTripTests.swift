import KargoCore
import Testing

@Suite struct YAMLRoundTripTests {
    @Test(arguments: 0..<20)
    func `reads back what it writes`(_ group: Int) async throws {
        for seed in 0..<20 {
            var sample = YAMLSample(seed: group * 20 + seed)
            let value = sample.value()
            #expect(try JSONValue(yaml: value.yaml()) == value)
            #expect(try await JSONValue(yaml: value.templateYAML()) == value)
        }
    }
}
