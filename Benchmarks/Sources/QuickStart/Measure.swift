import Foundation

/// One line of the result.
struct Measure {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    init(_ name: String, _ distribution: Distribution) {
        self.init(name, distribution.text)
    }
}

/// Many times of the same thing, in seconds.
struct Distribution {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var text: String {
        String(
            format: "median %.0f ms, p95 %.0f ms, max %.0f ms",
            quantile(0.5) * 1000,
            quantile(0.95) * 1000,
            (sorted.last ?? 0) * 1000
        )
    }

    private func quantile(_ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.down)))]
    }
}

/// What the kernel says of a process's memory.
enum Memory {
    static func resident(of pid: Int32) throws -> String { try field("VmRSS", pid) }
    static func peak(of pid: Int32) throws -> String { try field("VmHWM", pid) }

    private static func field(_ name: String, _ pid: Int32) throws -> String {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        let kibibytes = line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        return "\(kibibytes / 1024) MiB"
    }
}
