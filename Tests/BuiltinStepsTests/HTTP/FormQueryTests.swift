import Testing

@testable import BuiltinSteps

@Suite("Queries of URLs")
struct FormQueryTests {
    @Test(
        arguments: [
            ("", ""), ("a=1", "a=1"), ("b=1&a=2&b=0", "a=2&b=1&b=0"), ("a", "a="), ("a=b=c", "a=b%3Dc"),
            ("a=%zz&b=1", "b=1"), ("a=1;b=2&c=3", "c=3"), ("a=x+y%20z", "a=x+y+z"), ("%C3%A9=ü", "%C3%A9=%C3%BC"),
            ("&&a=1&", "a=1"), ("a=%", ""), ("=x", "=x"), ("a=~-_.", "a=~-_."),
        ]
    )
    func `are encoded as Go encodes them`(query: String, encoded: String) {
        #expect(FormQuery(query).encoded == encoded)
    }

    @Test func `take more`() {
        #expect(FormQuery("b=1").adding([("a", "é"), ("b", "0")]).encoded == "a=%C3%A9&b=1&b=0")
    }
}
