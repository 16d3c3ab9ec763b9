import KargoCore

/// The logs of a Promotion's steps, within what a ConfigMap should hold.
struct StepLogBook: Sendable, Hashable {
    /// The most bytes that are kept of a step's log: its newest.
    static let stepLimit = 64 * 1024
    /// The most bytes that are kept of all logs together; the oldest go first.
    static let limit = 512 * 1024

    /// The texts by key.
    private(set) var data: [String: String] = [:]
    /// The steps that have a text, in the order of their first lines.
    private var steps: [Int] = []

    init() {}

    /// Reads what is kept; keys that name no step are left out.
    init(_ data: [String: String]) {
        let prefix = KargoAPI.StepLogs.key(step: 0).dropLast()
        for (key, text) in data where key.hasPrefix(prefix) {
            guard let step = Int(key.dropFirst(prefix.count)) else { continue }
            self.data[key] = text
            steps.append(step)
        }
        steps.sort()
    }

    /// Adds to the log of a step.
    mutating func append(_ text: String, step: Int) {
        let key = KargoAPI.StepLogs.key(step: step)
        if data[key] == nil { steps.append(step) }
        data[key] = (data[key, default: ""] + text).newestLines(Self.stepLimit)
        var total = data.values.reduce(0) { $0 + $1.utf8.count }
        for step in steps where total > Self.limit {
            let key = KargoAPI.StepLogs.key(step: step)
            let old = data[key, default: ""]
            let new = old.newestLines(max(0, old.utf8.count - (total - Self.limit)))
            data[key] = new
            total -= old.utf8.count - new.utf8.count
        }
    }
}

extension String {
    /// The end of the text, at most so many bytes, and whole lines if there is one.
    func newestLines(_ limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var start = utf8.index(endIndex, offsetBy: -limit)
        if let line = utf8[start...].firstIndex(of: 0x0A), utf8.index(after: line) < endIndex {
            start = utf8.index(after: line)
        }
        return String(decoding: utf8[start...], as: UTF8.self)
    }
}
