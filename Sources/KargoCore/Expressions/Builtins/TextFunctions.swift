/// The builtins that work on strings.
enum TextFunctions {
    // MARK: Trimming and case

    static func trim(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.allocate(bytes: text.utf8.count)
        try budget.spend(steps: text.utf8.count)
        let isTrimmed: (Unicode.Scalar) -> Bool
        if arguments.count > 1 {
            let cut = try arguments.string(at: 1)
            try budget.spend(steps: cut.utf8.count)
            isTrimmed = Set(cut.unicodeScalars).contains
        } else {
            isTrimmed = \.properties.isWhitespace
        }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isTrimmed($0) }),
            let last = scalars.lastIndex(where: { !isTrimmed($0) })
        else { return .string("") }
        return .string(String(scalars[first...last]))
    }

    static func trimPrefix(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.allocate(bytes: text.utf8.count)
        let prefix = arguments.count > 1 ? try arguments.string(at: 1) : " "
        guard text.utf8.starts(with: prefix.utf8) else { return .string(text) }
        return .string(text.bytes(in: prefix.utf8.count..<text.utf8.count))
    }

    static func trimSuffix(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.allocate(bytes: text.utf8.count)
        let suffix = arguments.count > 1 ? try arguments.string(at: 1) : " "
        guard text.utf8.reversed().starts(with: suffix.utf8.reversed()) else { return .string(text) }
        return .string(text.bytes(in: 0..<text.utf8.count - suffix.utf8.count))
    }

    static func mapCase(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget,
        _ map: (String) -> String
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        try budget.allocate(bytes: text.utf8.count)
        try budget.spend(steps: text.utf8.count / 4)
        return .string(map(text))
    }

    // MARK: Finding

    static func indexOf(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        let part = try arguments.string(at: 1)
        try budget.spend(steps: ExpressionText.cost(of: part, in: text))
        let offset = ExpressionText.firstOffset(of: part, in: text)
        return .int(Int64(offset ?? -1))
    }

    static func lastIndexOf(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        let part = try arguments.string(at: 1)
        try budget.spend(steps: ExpressionText.cost(of: part, in: text))
        let offset = part.isEmpty ? text.utf8.count : ByteSearch(part).lastOffset(in: Array(text.utf8))
        return .int(Int64(offset ?? -1))
    }

    // MARK: Cutting and joining

    /// `split` and `splitAfter`.
    static func split(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget,
        keepsSeparator: Bool
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        let separator = try arguments.string(at: 1)
        let limit = try count(arguments, at: 2)
        // Go gives a nil slice.
        guard limit > 0 else { return .null }
        try budget.spend(steps: ExpressionText.cost(of: separator, in: text))
        // There are never more than an evaluation may make.
        let offsets = offsets(of: separator, in: text, limit: min(limit - 1, ExpressionBudget.maximumElements))
        try budget.allocate(elements: offsets.count + 1)
        try budget.allocate(bytes: text.utf8.count)
        var parts: [ExpressionValue] = []
        parts.reserveCapacity(offsets.count + 1)
        var start = 0
        for offset in offsets {
            let next = offset + separator.utf8.count
            parts.append(.string(text.bytes(in: start..<(keepsSeparator ? next : offset))))
            start = next
        }
        guard !(separator.isEmpty && text.isEmpty) else { return .array([]) }
        parts.append(.string(text.bytes(in: start..<text.utf8.count)))
        return .array(parts)
    }

    /// Where a separator stands; an empty one stands between any two characters.
    private static func offsets(of separator: String, in text: String, limit: Int) -> [Int] {
        guard separator.utf8.count <= text.utf8.count else { return [] }
        guard separator.isEmpty else { return ByteSearch(separator).offsets(in: Array(text.utf8), limit: limit) }
        var offsets: [Int] = []
        var offset = 0
        for scalar in text.unicodeScalars.dropLast() {
            guard offsets.count < limit else { break }
            offset += scalar.utf8.count
            offsets.append(offset)
        }
        return offsets
    }

    static func replace(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        let old = try arguments.string(at: 1)
        let new = try arguments.string(at: 2)
        try budget.spend(steps: ExpressionText.cost(of: old, in: text))
        var offsets: [Int] = []
        let most = ExpressionBudget.maximumElements
        let limit = min(try count(arguments, at: 3), most + 1)
        if old.isEmpty, limit > 0 {
            // Go also inserts before the first and after the last character.
            offsets = [0] + Self.offsets(of: old, in: text, limit: limit - 1)
            if offsets.count < limit, !text.isEmpty { offsets.append(text.utf8.count) }
        } else if !old.isEmpty {
            offsets = Self.offsets(of: old, in: text, limit: limit)
        }
        guard !offsets.isEmpty else { return .string(text) }
        guard offsets.count <= most else {
            throw ExpressionError(.limit, "replace can't replace more than \(most) times")
        }
        try budget.spend(steps: offsets.count)
        let (growth, overflow) = offsets.count.multipliedReportingOverflow(by: new.utf8.count)
        try budget.allocate(bytes: overflow ? .max : growth)
        try budget.allocate(bytes: text.utf8.count)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + growth)
        var start = 0
        for offset in offsets {
            result += bytes[start..<offset]
            result += new.utf8
            start = offset + old.utf8.count
        }
        result += bytes[start...]
        return .string(String(decoding: result, as: UTF8.self))
    }

    static func repeating(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        let text = try arguments.string(at: 0)
        guard let count = ExpressionArithmetic.integer(arguments[1]) else {
            throw arguments.mismatch(at: 1, expected: "a number")
        }
        guard count >= 0 else { throw ExpressionError("repeat can't repeat a negative number of times") }
        guard count <= ExpressionBudget.maximumElements else {
            throw ExpressionError(.limit, "repeat can't repeat more than \(ExpressionBudget.maximumElements) times")
        }
        guard !text.isEmpty else { return "" }
        // The original counts the bytes as elements.
        let (size, overflow) = text.utf8.count.multipliedReportingOverflow(by: Int(count))
        try budget.allocate(elements: overflow ? .max : size)
        return .string(String(repeating: text, count: Int(count)))
    }

    static func join(
        _ arguments: ExpressionArguments,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> ExpressionValue {
        guard case .array(let elements) = arguments[0] else { throw arguments.mismatch(at: 0, expected: "an array") }
        let separator = arguments.count > 1 ? try arguments.string(at: 1) : ""
        var result = ""
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw ExpressionError(
                    "join needs strings, and an element is \(element.kind.withArticle); map(…, string(#)) makes strings"
                )
            }
            try budget.allocate(bytes: text.utf8.count + separator.utf8.count)
            if index > 0 { result += separator }
            result += text
        }
        return .string(result)
    }

    /// An argument that says how many; without it, or if negative, all.
    private static func count(_ arguments: ExpressionArguments, at index: Int) throws(ExpressionError) -> Int {
        guard arguments.count > index else { return .max }
        guard let count = ExpressionArithmetic.integer(arguments[index]) else {
            throw arguments.mismatch(at: index, expected: "a number")
        }
        return count < 0 ? .max : Int(clamping: count)
    }
}
