import KargoCore
import Testing

@Suite struct SemanticVersionTests {
    @Test(
        arguments: [
            ("1.2.3", "1.2.3"), ("v1.2.3", "1.2.3"), ("1", "1.0.0"), ("v1.2", "1.2.0"), ("007.08.09", "7.8.9"),
            ("1-rc.1", "1.0.0-rc.1"), ("1.2+b.01", "1.2.0+b.01"), ("1.2.3-a-b.c+d-e", "1.2.3-a-b.c+d-e"),
            ("1.2.3--", "1.2.3--"), ("1.2.3-0", "1.2.3-0"), ("1.2.3-0a", "1.2.3-0a"),
            ("18446744073709551615.0.0", "18446744073709551615.0.0"), ("1.2.3+-", "1.2.3+-"),
        ]
    )
    func `reads leniently`(_ text: String, _ expected: String) throws {
        let version = try SemanticVersion(text)
        #expect(version.description == expected)
        #expect(version.original == text)
    }

    @Test(arguments: [
        "", "v", "V1.2.3", "vv1", "1.", "1.2.", ".1", "1.2.3.4", "1.2.3-", "1.2.3+", "1.2.3-+b", "1.2.3-a..b",
        "1.2.3-01",
        "1.2.3-a_b", "1.2.3+a+b", "1.2.3-é", "x.1", "1.x", " 1.2.3", "1.2.3 ", "1.2.3\n", "-1.2.3", "١.2.3",
        "18446744073709551616", "1,2",
    ])
    func `refuses what is no version`(_ text: String) {
        #expect(throws: ValueError.self) { try SemanticVersion(text) }
    }

    @Test(arguments: ["0.0.0", "1.2.3", "1.2.3-rc.1+b", "1.2.3-x-y-z.0", "10.20.30+001"])
    func `reads by the letter`(_ text: String) throws {
        #expect(try SemanticVersion(strict: text).description == text)
    }

    @Test(arguments: [
        "", "1", "1.2", "v1.2.3", "01.2.3", "1.02.3", "1.2.03", "1.2.3.4", "1.2.3-01", "1.2.3-", "1.2-a.3",
    ])
    func `refuses by the letter`(_ text: String) {
        #expect(throws: ValueError.self) { try SemanticVersion(strict: text) }
    }

    @Test func `refuses what is too long`() throws {
        let text = String(repeating: "a.", count: 300) + "a"
        #expect(throws: ValueError.self) { try SemanticVersion("1.2.3-\(text)") }
        #expect(throws: ValueError.self) { try SemanticVersion(strict: "1.2.3+\(text)") }
        #expect(throws: ValueError.self) { try SemanticVersion("1.2.3").with(metadata: text) }
    }

    @Test func `orders by precedence`() throws {
        let ordered = [
            "0.9.9", "1.0.0-0", "1.0.0-2", "1.0.0-11", "1.0.0-99999999999999999999", "1.0.0-alpha", "1.0.0-alpha.1",
            "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0",
            "2.0.0",
        ]
        let versions = try ordered.map { try SemanticVersion($0) }
        #expect(versions.reversed().sorted() == versions)
        for (earlier, later) in zip(versions, versions.dropFirst()) {
            #expect(earlier < later)
            #expect(!(later < earlier))
            #expect(earlier != later)
        }
    }

    @Test func `leaves metadata and spelling out of account`() throws {
        let versions = try [SemanticVersion("v1.2"), SemanticVersion("1.2.0+a"), SemanticVersion("1.2.0+b")]
        #expect(Set(versions).count == 1)
        #expect(!(versions[1] < versions[2]))
    }

    @Test func `counts on`() throws {
        let version = try SemanticVersion("v1.2.3-rc.1+b")
        #expect(try version.nextMajor().original == "v2.0.0")
        #expect(try version.nextMinor().description == "1.3.0")
        #expect(try version.nextPatch().original == "v1.2.3")
        #expect(try SemanticVersion("1.2.3+b").nextPatch().original == "1.2.4")
        #expect(throws: ValueError.self) { try SemanticVersion("1.18446744073709551615").nextMinor() }
    }

    @Test func `changes its suffixes`() throws {
        let version = try SemanticVersion("v1.2.3-a+b")
        #expect(try version.with(prerelease: "c.1").original == "v1.2.3-c.1+b")
        #expect(try version.with(metadata: "").description == "1.2.3-a")
        #expect(throws: ValueError.self) { try version.with(prerelease: "01") }
        #expect(throws: ValueError.self) { try version.with(metadata: "a..b") }
    }
}
