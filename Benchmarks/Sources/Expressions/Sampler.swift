import CAllocations
import Foundation

/// How long something takes, in nanoseconds, over many samples of many runs each.
struct Sample {
    private let sorted: [Double]
    /// How often each run asks for memory.
    let allocations: Double

    var median: Double { quantile(0.5) }

    /// How far the middle half of the samples lies apart, in parts of the median.
    var spread: Double { (quantile(0.75) - quantile(0.25)) / max(median, 1) }

    private init(_ values: [Double], allocations: Double) {
        sorted = values.sorted()
        self.allocations = allocations
    }

    private func quantile(_ part: Double) -> Double { sorted[Int((Double(sorted.count - 1) * part).rounded())] }

    private static let sampleCount = 25
    private static let sampleNanoseconds = 2_000_000

    static func of<Result>(_ body: () async throws -> Result) async throws -> Sample {
        // Warms up, and finds how many runs are long enough to be timed.
        var runs = 1
        while try await nanoseconds(runs, body) < sampleNanoseconds { runs *= 2 }
        let before = allocation_count()
        _ = try await nanoseconds(runs, body)
        let allocations = Double(allocation_count() - before) / Double(runs)
        var values: [Double] = []
        for _ in 0..<sampleCount { values.append(Double(try await nanoseconds(runs, body)) / Double(runs)) }
        return Sample(values, allocations: allocations)
    }

    /// The time of the processor: nothing here waits, and other programs shall not count.
    private static func nanoseconds<Result>(_ runs: Int, _ body: () async throws -> Result) async throws -> Int {
        let begin = processorTime()
        for _ in 0..<runs { blackHole(try await body()) }
        return processorTime() - begin
    }

    private static func processorTime() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

/// Keeps what is measured from being optimised away.
@inline(never)
private func blackHole<Value>(_ value: Value) {}
