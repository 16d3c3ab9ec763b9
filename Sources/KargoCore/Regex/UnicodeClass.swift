/// The sets that `\p{...}` names: general categories, scripts, and three of RE2's own.
enum UnicodeClass {
    /// The set of a name, in which case, spaces, hyphens and underscores don't count, as in Go.
    static func named(_ name: some Collection<Unicode.Scalar>) -> ScalarSet? {
        var key = ""
        for scalar in name where scalar != "_" && scalar != "-" && scalar != " " {
            guard scalar.isASCII else { return nil }
            key += scalar.properties.lowercaseMapping
        }
        switch key {
        case "any": return .all
        case "ascii": return ScalarSet([0...0x7F])
        case "assigned": return members(of: [.unassigned]).inverted
        default: break
        }
        if let categories = categories[key] ?? categories[aliases[key] ?? ""] {
            return members(of: categories)
        }
        return UnicodeScript.named(key).map { $0.intersection(members(of: [.unassigned]).inverted) }
    }

    private static func members(of wanted: Set<Unicode.GeneralCategory>) -> ScalarSet {
        ScalarSet(runs.lazy.filter { wanted.contains($0.category) }.map(\.range))
    }

    private struct Run: Sendable {
        var range: ClosedRange<UInt32>
        var category: Unicode.GeneralCategory
    }

    /// All code points in order, in runs of one category.
    private static let runs: [Run] = {
        var runs: [Run] = []
        for value in 0...ScalarSet.maximum {
            let category = Unicode.Scalar(value)?.properties.generalCategory ?? .surrogate
            if let last = runs.last, last.category == category {
                runs[runs.count - 1].range = last.range.lowerBound...value
            } else {
                runs.append(Run(range: value...value, category: category))
            }
        }
        return runs
    }()

    private static let categories: [String: Set<Unicode.GeneralCategory>] = {
        var table: [String: Set<Unicode.GeneralCategory>] = [
            "lu": [.uppercaseLetter], "ll": [.lowercaseLetter], "lt": [.titlecaseLetter],
            "lm": [.modifierLetter], "lo": [.otherLetter],
            "mn": [.nonspacingMark], "mc": [.spacingMark], "me": [.enclosingMark],
            "nd": [.decimalNumber], "nl": [.letterNumber], "no": [.otherNumber],
            "pc": [.connectorPunctuation], "pd": [.dashPunctuation], "ps": [.openPunctuation],
            "pe": [.closePunctuation], "pi": [.initialPunctuation], "pf": [.finalPunctuation],
            "po": [.otherPunctuation],
            "sm": [.mathSymbol], "sc": [.currencySymbol], "sk": [.modifierSymbol], "so": [.otherSymbol],
            "zs": [.spaceSeparator], "zl": [.lineSeparator], "zp": [.paragraphSeparator],
            "cc": [.control], "cf": [.format], "cs": [.surrogate], "co": [.privateUse], "cn": [.unassigned],
        ]
        for (name, members) in table {
            table[String(name.prefix(1)), default: []].formUnion(members)
        }
        table["lc"] = [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter]
        return table
    }()

    /// The long names of the categories, from Unicode's PropertyValueAliases.txt.
    private static let aliases = [
        "letter": "l", "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt",
        "casedletter": "lc", "modifierletter": "lm", "otherletter": "lo",
        "mark": "m", "combiningmark": "m", "nonspacingmark": "mn", "spacingmark": "mc", "enclosingmark": "me",
        "number": "n", "decimalnumber": "nd", "digit": "nd", "letternumber": "nl", "othernumber": "no",
        "punctuation": "p", "punct": "p", "connectorpunctuation": "pc", "dashpunctuation": "pd",
        "openpunctuation": "ps", "closepunctuation": "pe", "initialpunctuation": "pi",
        "finalpunctuation": "pf", "otherpunctuation": "po",
        "symbol": "s", "mathsymbol": "sm", "currencysymbol": "sc", "modifiersymbol": "sk", "othersymbol": "so",
        "separator": "z", "spaceseparator": "zs", "lineseparator": "zl", "paragraphseparator": "zp",
        "other": "c", "control": "cc", "cntrl": "cc", "format": "cf", "surrogate": "cs",
        "privateuse": "co", "unassigned": "cn",
    ]
}
