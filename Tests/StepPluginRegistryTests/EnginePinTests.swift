import KargoCore
import StepPluginRegistry
import Testing

@Suite("Engine pin")
struct EnginePinTests {
    private func pin(_ annotation: String?) throws -> EnginePin? {
        var promotion = Promotion()
        promotion.metadata.annotations["kargo-extended.code.org/engine"] = annotation
        return try EnginePin(promotion)
    }

    @Test func `is missing where nothing is decided`() throws {
        #expect(try pin(nil) == nil)
    }

    @Test func `is read back as it was written`() throws {
        #expect(try EnginePin(engine: .local).annotation == #"{"engine":"local"}"#)
        #expect(try pin(#"{"engine":"local"}"#) == EnginePin(engine: .local))
        let agent = EnginePin(
            engine: .agent,
            plugins: ["mkdir": .init(namespace: "demo", kinds: ["mkdir"], digest: "sha256:1")]
        )
        let text =
            #"{"engine":"agent","plugins":{"mkdir":{"digest":"sha256:1","kinds":["mkdir"],"namespace":"demo"}}}"#
        #expect(try agent.annotation == text)
        #expect(try pin(text) == agent)
    }

    @Test(arguments: ["", "local", "{}", #"{"engine":"moon"}"#, #"{"engine":"agent","plugins":[]}"#])
    func `says where somebody has spoiled it`(annotation: String) throws {
        let error = try #require(throws: FieldError.self) { try pin(annotation) }
        #expect(error.path == FieldPath("metadata", "annotations", "kargo-extended.code.org/engine"))
        #expect(error.message.hasPrefix("can't be read: "))
    }
}
