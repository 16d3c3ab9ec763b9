import KargoCore
import Testing

struct SHA256StreamTests {
    @Test(arguments: [[], [""], ["abc"], ["a", "", "bc"], ["ab", String(repeating: "c", count: 100_000)]])
    func `is the digest of all pieces together`(pieces: [String]) {
        let stream = SHA256Stream()
        for piece in pieces { Array(piece.utf8).withUnsafeBytes { stream.update($0) } }
        #expect(stream.digest == Digest.sha256(pieces.joined().utf8))
    }

    @Test func `can be asked for and go on`() {
        let stream = SHA256Stream()
        #expect(stream.digest == Digest.sha256([]))
        [1 as UInt8, 2].withUnsafeBytes { stream.update($0) }
        #expect(stream.digest == Digest.sha256([1, 2]))
        [3 as UInt8].withUnsafeBytes { stream.update($0) }
        #expect(stream.digest == Digest.sha256([1, 2, 3]))
    }
}
