import KargoCore
import Testing

@Suite("Label value")
struct LabelValueTests {
    @Test(arguments: ["", "stage", String(repeating: "a", count: 63)])
    func `is the name if that fits`(_ name: String) {
        #expect(LabelValue.shortened(name) == name)
    }

    @Test func `is the beginning of a longer name, and 8 digits of its SHA-256`() {
        let name = String(repeating: "a", count: 64)
        #expect(LabelValue.shortened(name) == String(repeating: "a", count: 54) + "-ffe054fe")
    }

    @Test func `has no two hyphens where the name is cut`() {
        let name = String(repeating: "a", count: 50) + String(repeating: "-", count: 10) + "zzzzz"
        let hash = Digest.sha256(name.utf8).hexadecimal.prefix(8)
        #expect(LabelValue.shortened(name) == String(repeating: "a", count: 50) + "-" + hash)
    }

    @Test(arguments: [
        String(repeating: "-", count: 70), String(repeating: "é", count: 40), "a" + String(repeating: "é", count: 40),
        String(repeating: "👩‍👩‍👧", count: 10),
        String(repeating: "a", count: 100_000),
    ])
    func `is never too long`(_ name: String) {
        let text = LabelValue.shortened(name)
        #expect(text.utf8.count <= LabelValue.maximumLength)
        #expect(text.hasSuffix("-" + Digest.sha256(name.utf8).hexadecimal.prefix(8)))
        #expect(name.utf8.starts(with: text.utf8.dropLast(9)))
    }

    @Test func `tells names apart that begin alike`() {
        let names = (0..<20).map { String(repeating: "a", count: 60) + "-\($0)-end" }
        #expect(Set(names.map(LabelValue.shortened)).count == names.count)
    }
}
