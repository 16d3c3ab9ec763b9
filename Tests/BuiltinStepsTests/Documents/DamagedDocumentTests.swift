import KargoCore
import Testing

@testable import BuiltinSteps

/// Whatever a file has become, its reader takes it or refuses it, and comes to an end.
@Suite("Damaged documents")
struct DamagedDocumentTests {
    /// A text cut off at each place, and with each of its bytes replaced.
    private func variants(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        var variants = bytes.indices.map { String(decoding: bytes[..<$0], as: UTF8.self) }
        for index in bytes.indices {
            for byte in "\"'{[]}#\n&*:|-. é".utf8 {
                var copy = bytes
                copy[index] = byte
                variants.append(String(decoding: copy, as: UTF8.self))
            }
        }
        return variants
    }

    @Test func `of YAML are merged or refused`() {
        let text =
            "# h\na: &x {k: [1, 'q']} # c\nb:\n- *x\n- |\n  l\n\n  m\n- n: !!str 1\n  \"o\": >- # d\n    p\né: \"ü\"\n# f\n"
        var count = 0
        for variant in variants(of: text) {
            if let merged = try? YAMLMerge.merge([variant, "b: [1]\nz: {y: 1}\n"]) {
                count += 1
                #expect((try? YAMLNode.firstDocument(in: merged)) != nil, "\(variant.debugDescription)")
            }
        }
        #expect(count > 100)
    }

    @Test func `of TOML are changed or refused`() {
        let text =
            "a = 1 # c\n[t.\"u\"]\nb = \"x\\u00e9\"\nc = '''\ny'''\n[[l]]\nd = [1, {e = 07:32:00}]\nf.g = 1979-05-27 07:32:00Z\n"
        var count = 0
        for variant in variants(of: text) {
            if let result = try? TOMLEditor.apply([TOMLEditor.Update(path: ["a"], value: 2)], to: variant) {
                count += 1
                #expect((try? TOMLParser.parse(result)) != nil, "\(variant.debugDescription)")
            }
        }
        #expect(count > 100)
    }

    @Test func `of HCL are changed or refused`() {
        let text =
            "a = 1 # c\nb \"l\" {\n  c = \"x ${f(\"y\")} $${z\" // d\n  e = <<-T\n    t\n  T\n  g = { h = [1, 2], \"i\" : 3 }\n} /* j */\n"
        var count = 0
        for variant in variants(of: text) {
            let updates = [
                HCLEditor.Update(path: ["a"], value: 2), HCLEditor.Update(path: ["b", "l", "g", "i"], value: "x"),
            ]
            if (try? HCLEditor.apply(updates, to: variant)) != nil { count += 1 }
        }
        #expect(count > 100)
    }

    @Test func `of JSON are changed or refused`() throws {
        let updates = try ["a.b.0", "a.c", "l.-1.d", "#.x", "*.y"]
            .map { key in
                JSONEditor.Update(path: try JSONKeyPath(key), value: "v")
            }
        var count = 0
        for variant in variants(of: #"{"a": {"b": [1, "x\u00e9\\"], "": null}, "l": [true, {}], "é": -1.5e3}"#) {
            if let result = try? JSONEditor.apply(updates, to: variant) {
                count += 1
                #expect((try? JSONValue(parsing: result)) != nil, "\(variant.debugDescription)")
            }
        }
        #expect(count > 100)
    }
}
