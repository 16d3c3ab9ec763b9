import KargoCore
import Testing

@Suite("Redaction of Secrets")
struct SecretRedactorTests {
    private func redact(_ text: String, _ secrets: String...) -> String {
        let redactor = SecretRedactor()
        for secret in secrets { redactor.add(secret) }
        return redactor.redact(text)
    }

    @Test(
        arguments: [
            ("token hunter22 refused", "hunter22", "token *** refused"),
            ("hunter22hunter22", "hunter22", "******"),
            ("at the end hunter22", "hunter22", "at the end ***"),
            ("nothing here", "hunter22", "nothing here"),
            ("", "hunter22", ""),
            ("key pässwörd!", "pässwörd", "key ***!"),
            ("hunter22\u{301}", "hunter22", "***\u{301}"),
            ("value hunter22", " hunter22\n", "value ***"),
        ]
    )
    func `hides a value wherever it stands`(_ text: String, _ secret: String, _ expected: String) {
        #expect(redact(text, secret) == expected)
    }

    @Test(
        arguments: [
            ("ba=ab", "a", "ba=ab"), ("x=a, y", "a", "x=***, y"), ("port 80 of 8080", "80", "port *** of 8080"),
            ("exit 1", "1", "exit ***"), ("_1_", "1", "_1_"),
        ]
    )
    func `hides a short value where it is a word`(_ text: String, _ secret: String, _ expected: String) {
        #expect(redact(text, secret) == expected)
    }

    @Test(arguments: ["", " ", "\n"])
    func `hides nothing for a value of nothing`(_ secret: String) {
        #expect(redact("a b\nc", secret) == "a b\nc")
    }

    @Test(
        arguments: [
            ("Basic cGEvc3Mgdz8=", "pa/ss w?", "Basic ***"),
            ("https://me:pa%2Fss%20w%3F@host", "pa/ss w?", "https://me:***@host"),
            (#"{"password":"a\"b\\c"}"#, #"a"b\c"#, #"{"password":"***"}"#),
            (#"Get "a\x01bc": refused"#, "a\u{1}bc", #"Get "***": refused"#),
        ]
    )
    func `hides what a value becomes on its way`(_ text: String, _ secret: String, _ expected: String) {
        #expect(redact(text, secret) == expected)
    }

    @Test func `hides the lines of a longer value`() {
        let key = "-----BEGIN KEY-----\r\nMIIEpAIBAAKCAQEA7\n}\n-----END KEY-----\n"
        #expect(redact("line 2: MIIEpAIBAAKCAQEA7 }", key) == "line 2: *** }")
    }

    @Test func `hides the strings of a document`() {
        let document = #"{"auths": {"ghcr.io": {"password": "tiger99", "on": true, "n": ["wolf77"]}}}"#
        #expect(redact("tiger99 and wolf77 are true of ghcr.io", document) == "*** and *** are true of ghcr.io")
    }

    @Test func `hides a value within a longer one as a part of it`() {
        #expect(redact("a-secret-longer b secret", "secret", "a-secret-longer") == "*** b ***")
        #expect(redact("abcdefgh", "abcdef", "cdefgh") == "***")
    }
}
