import KargoCore

/// Regular expressions: a pattern on the first line, a text below it.
enum RegularExpressions {
    static func test(_ input: String) {
        let parts = parts(input, 2)
        let expression: RegularExpression
        do throws(RegularExpressionError) {
            expression = try RegularExpression(parts[0])
        } catch {
            check((0...parts[0].unicodeScalars.count).contains(error.offset), "an error lies outside: \(error)")
            return
        }
        let text = parts[1]
        let match = expression.firstMatch(in: text)
        // Two engines of their own.
        check(expression.matches(text) == (match != nil), "the engines disagree on \(parts)")
        // The automaton remembers; it must come to the same again.
        check(expression.matches(text) == (match != nil), "a second match differs: \(parts)")
        guard let match else { return }
        for (index, group) in match.groups.enumerated() {
            guard let group else { continue }
            check(match[index].map(String.init) == String(text[group]), "a group is elsewhere: \(parts)")
            check(group.lowerBound >= match.range.lowerBound, "a group begins before its match: \(parts)")
            check(group.upperBound <= match.range.upperBound, "a group ends after its match: \(parts)")
        }
    }
}
