import KargoCore
import Testing

@Suite("Unicode in regular expressions")
struct RegularExpressionUnicodeTests {
    @Test(arguments: [
        (#"\pL"#, "aZéßΩ日あ", "1 _-٣"),
        (#"\p{L}"#, "aZé", "1"),
        (#"\PL"#, "1 _-", "aé"),
        (#"\p{^L}"#, "1 _-", "aé"),
        (#"\P{^L}"#, "aé", "1"),
        (#"\p{Lu}"#, "AÉΩ", "aéω1"),
        (#"\p{Ll}"#, "aéω", "AÉΩ"),
        (#"\p{Lt}"#, "ǅ", "Ǆǆ"),
        (#"\p{LC}"#, "aAǅ", "日1"),
        (#"\pN"#, "1٣Ⅷ½", "a"),
        (#"\p{Nd}"#, "1٣", "Ⅷ½"),
        (#"\p{Nl}"#, "Ⅷ", "1"),
        (#"\pM"#, "\u{301}", "a"),
        (#"\pP"#, "!-_«»", "a+$"),
        (#"\p{Pd}"#, "-–", "_"),
        (#"\pS"#, "+$^©", "!"),
        (#"\p{Sc}"#, "$€", "+"),
        (#"\pZ"#, " \u{A0}\u{2028}", "\t"),
        (#"\pC"#, "\u{0}\u{AD}\u{E000}\u{378}", "a"),
        (#"\p{Cn}"#, "\u{378}\u{10FFFF}", "a\u{E000}"),
        (#"\p{Any}"#, "a\n日", ""),
        (#"\p{ASCII}"#, "a\u{7F}", "é"),
        (#"\p{Assigned}"#, "a日\u{E000}", "\u{378}"),
        (#"\p{Letter}"#, "a", "1"),
        (#"\p{Uppercase_Letter}"#, "A", "a"),
        (#"\p{uppercase letter}"#, "A", "a"),
        (#"\p{Decimal-Number}"#, "1", "a"),
        (#"\p{punct}"#, "!", "a"),
        (#"[\p{Lu}\d]"#, "A1", "a"),
        (#"[^\p{Lu}\d]"#, "a", "A1"),
        (#"[\PL]"#, "1", "a"),
    ])
    func `knows the general categories`(_ example: (pattern: String, members: String, others: String)) throws {
        try check(example.pattern, members: example.members, others: example.others)
    }

    @Test(arguments: [
        ("Arabic", "عربي", "aא"),
        ("Armenian", "Հայ", "a"),
        ("Bengali", "বাংলা", "क"),
        ("Braille", "⠓⣿", "a"),
        ("Cyrillic", "Жяґѳ", "aΩ"),
        ("Devanagari", "हिन्दी", "ব।"),
        ("Georgian", "ქართულიႠᲐ", "a"),
        ("Greek", "Ωάϊ", "aµ"),
        ("Han", "日本々〇𠀀", "あア、"),
        ("Hangul", "한ㄱ", "日"),
        ("Hebrew", "עברית", "a"),
        ("Hiragana", "ひらがな", "カー"),
        ("Katakana", "カタカナｶ", "ひー"),
        ("Latin", "aZéßªＡŁ", "1×αЖ"),
        ("Thai", "ไทย", "฿a"),
    ])
    func `knows the common scripts`(_ example: (name: String, members: String, others: String)) throws {
        try check("\\p{\(example.name)}", members: example.members, others: example.others)
        try check("\\P{\(example.name.uppercased())}", members: example.others, others: example.members)
    }

    @Test func `leaves what isn't assigned out of scripts`() throws {
        try check(#"\p{Greek}"#, members: "\u{370}", others: "\u{38B}\u{38D}\u{3A2}\u{1F16}")
        try check(#"\p{Hebrew}"#, members: "\u{5D0}", others: "\u{5C8}\u{5EB}")
    }

    @Test(arguments: [
        ("k", "kK\u{212A}", "x"),
        ("\u{212A}", "kK\u{212A}", "x"),
        ("s", "sSſ", "ß"),
        ("å", "åÅ\u{212B}", "a"),
        ("ω", "ωΩ\u{2126}", "o"),
        ("σ", "σΣς", "s"),
        ("µ", "µμΜ", "m"),
        ("ι", "ιΙ\u{345}\u{1FBE}", "i"),
        ("θ", "θΘϑϴ", "t"),
        ("ǆ", "ǆǅǄ", "d"),
        ("ß", "ßẞ", "s"),
        ("ᾳ", "ᾳᾼ", "α"),
        ("i", "iI", "ıİ"),
        ("ı", "ı", "iIİ"),
        ("İ", "İ", "iIı"),
        ("ა", "აᲐ", "Ⴀ"),
        ("Ꭰ", "Ꭰꭰ", "D"),
        ("𐐀", "𐐀𐐨", "O"),
        ("1", "1", "!"),
        ("[ж-й]", "жЖЙ", "ёЁк"),
        ("[^k]", "a", "kK\u{212A}"),
        (#"\w"#, "k\u{212A}ſ", "é"),
        (#"\W"#, "é", "k\u{212A}ſ"),
        (#"[^\W]"#, "k\u{212A}ſ", "é"),
        (#"\p{Lu}"#, "aAéÉ", "1日"),
        (#"\P{Lu}"#, "1日", "aAéÉ"),
        (#"\p{ASCII}"#, "a\u{212A}", "é"),
        ("[[:lower:]]", "aA\u{212A}", "1"),
        ("[[:^lower:]]", "1é", "aA\u{212A}"),
    ])
    func `ignores case by simple folding`(_ example: (pattern: String, members: String, others: String)) throws {
        try check("(?i)" + example.pattern, members: example.members, others: example.others)
    }

    private func check(_ pattern: String, members: String, others: String) throws {
        let expression = try RegularExpression("^(?:\(pattern))$")
        for scalar in members.unicodeScalars {
            #expect(expression.matches(String(scalar)), "\(pattern) should match U+\(String(scalar.value, radix: 16))")
        }
        for scalar in others.unicodeScalars {
            #expect(
                !expression.matches(String(scalar)),
                "\(pattern) should not match U+\(String(scalar.value, radix: 16))"
            )
        }
    }
}
