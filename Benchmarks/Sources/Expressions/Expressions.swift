import Foundation
import KargoCore

/// Measures how long it takes to read and to evaluate expressions: all of them, or those that contain one of the
/// arguments; `--each` shows them one by one.
@main
enum Expressions {
    static func main() async throws {
        let showsEach = CommandLine.arguments.contains("--each")
        let texts = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("--") }
        print("| expressions | read | evaluate | both | spread | allocations to read | to evaluate |")
        print("|---|---|---|---|---|---|---|")
        var sum = Measures()
        for group in ExpressionGroup.all {
            var all: [Measures] = []
            for source in group.sources where texts.isEmpty || texts.contains(where: source.contains) {
                let measures = try await group.areTemplates ? template(source) : expression(source)
                if showsEach { print(measures.row("`\(source)`")) }
                all.append(measures)
                sum.add(measures)
            }
            guard !all.isEmpty else { continue }
            print(Measures(medianOf: all).row(all.count == 1 ? group.name : "\(group.name), median of \(all.count)"))
        }
        print(sum.row("all \(sum.count), sum"))
        guard texts.isEmpty else { return }
        let json = try await Sample.of {
            try await Template.evaluate(Configuration.value, in: Surroundings.environment)
        }
        var measures = Measures()
        measures.both = json.median
        measures.evaluatingAllocations = json.allocations
        measures.spread = json.spread
        print(measures.row("configuration of \(Configuration.fieldCount) strings, one evaluation"))
    }

    private static func expression(_ source: String) async throws -> Measures {
        let environment = Surroundings.environment
        let program = try ExpressionProgram(source)
        return Measures(
            try await Sample.of { try ExpressionProgram(source) },
            try await Sample.of { try await program.evaluate(in: environment) },
            try await Sample.of { try await ExpressionProgram(source).evaluate(in: environment) }
        )
    }

    private static func template(_ source: String) async throws -> Measures {
        let environment = Surroundings.environment
        let template = try Template(source)
        return Measures(
            try await Sample.of { try Template(source) },
            try await Sample.of { try await template.evaluate(in: environment) },
            try await Sample.of { try await Template(source).evaluate(in: environment) }
        )
    }
}

/// One line of the result, times in nanoseconds.
struct Measures {
    var reading = 0.0
    var evaluating = 0.0
    var both = 0.0
    var spread = 0.0
    var readingAllocations = 0.0
    var evaluatingAllocations = 0.0
    private(set) var count = 0

    init() {}

    init(_ reading: Sample, _ evaluating: Sample, _ both: Sample) {
        self.reading = reading.median
        self.evaluating = evaluating.median
        self.both = both.median
        spread = both.spread
        readingAllocations = reading.allocations
        evaluatingAllocations = evaluating.allocations
        count = 1
    }

    init(medianOf all: [Measures]) {
        func median(_ part: KeyPath<Measures, Double>) -> Double {
            all.map { $0[keyPath: part] }.sorted()[all.count / 2]
        }
        reading = median(\.reading)
        evaluating = median(\.evaluating)
        both = median(\.both)
        spread = median(\.spread)
        readingAllocations = median(\.readingAllocations)
        evaluatingAllocations = median(\.evaluatingAllocations)
        count = all.count
    }

    mutating func add(_ other: Measures) {
        reading += other.reading
        evaluating += other.evaluating
        both += other.both
        spread = max(spread, other.spread)
        readingAllocations += other.readingAllocations
        evaluatingAllocations += other.evaluatingAllocations
        count += other.count
    }

    func row(_ name: String) -> String {
        let times = [reading, evaluating, both].map { $0 == 0 ? "" : String(format: "%.2f µs", $0 / 1000) }
        let allocations = [readingAllocations, evaluatingAllocations].map { $0 == 0 ? "" : String(format: "%.0f", $0) }
        let cells = [name] + times + [String(format: "± %.0f %%", spread * 50)] + allocations
        // A bar would end the cell.
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
