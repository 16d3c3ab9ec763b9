import KargoCore
import Testing

@Suite("Digest")
struct DigestTests {
    // Test vectors of FIPS 180 and RFC 4231.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ])
    func `makes the SHA-1`(_ text: String, _ expected: String) {
        #expect(Digest.sha1(text.utf8).hexadecimal == expected)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `makes the SHA-256`(_ text: String, _ expected: String) {
        #expect(Digest.sha256(text.utf8).hexadecimal == expected)
    }

    @Test func `makes the SHA-256 of much`() {
        #expect(
            Digest.sha256(repeatElement(UInt8(ascii: "a"), count: 1_000_000)).hexadecimal
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test(arguments: [
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `makes the HMAC-SHA256`(_ key: [UInt8], _ message: String, _ expected: String) {
        #expect(Digest.hmacSHA256(key: key, message: message.utf8).hexadecimal == expected)
    }

    @Test(
        arguments: [
            ([], [], true), ([1, 2, 3], [1, 2, 3], true), ([1, 2, 3], [1, 2, 4], false),
            ([0, 2, 3], [1, 2, 3], false),
            ([1, 2], [1, 2, 3], false), ([], [0], false),
        ] as [([UInt8], [UInt8], Bool)]
    )
    func `compares byte strings`(_ first: [UInt8], _ second: [UInt8], _ expected: Bool) {
        #expect(Digest.isEqual(first, second) == expected)
    }

    @Test(arguments: [([], ""), ([0], "00"), ([0x0F, 0xF0, 0xFF, 0xA5], "0ff0ffa5")] as [([UInt8], String)])
    func `writes bytes in hexadecimal digits`(_ bytes: [UInt8], _ expected: String) {
        #expect(bytes.hexadecimal == expected)
    }
}
