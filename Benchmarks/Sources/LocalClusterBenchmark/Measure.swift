import Foundation

/// Many times of the same thing, in seconds.
struct Distribution: CustomStringConvertible {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var count: Int { sorted.count }

    var description: String {
        String(
            format: "median %.1f ms, p99 %.1f ms, max %.1f ms",
            quantile(0.5) * 1000,
            quantile(0.99) * 1000,
            (sorted.last ?? 0) * 1000
        )
    }

    private func quantile(_ part: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.down)))]
    }
}

/// What a load came to.
struct Throughput: CustomStringConvertible {
    let times: Distribution
    /// How long it lasted, in seconds.
    let duration: Double
    /// The processor time that the cluster took, in seconds.
    let processorTime: Double

    var description: String {
        String(
            format: "%.0f/s, %@, %.2f ms of processor time each",
            Double(times.count) / duration,
            times.description,
            processorTime / Double(max(1, times.count)) * 1000
        )
    }
}

/// Amounts of memory for people.
enum Memory {
    static func text(_ bytes: Int) -> String { "\(bytes / 1_048_576) MiB" }
}

/// The disk by itself.
enum Disk {
    /// How long it takes to make a write last.
    static func synchronizations(in directory: String) throws -> Distribution {
        let path = "\(directory)/disk"
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        defer {
            close(file)
            unlink(path)
        }
        let block = [UInt8](repeating: 1, count: 4096)
        let clock = ContinuousClock()
        let times = (0..<200)
            .map { _ in
                clock.measure {
                    _ = write(file, block, block.count)
                    _ = fdatasync(file)
                } / .seconds(1)
            }
        return Distribution(times)
    }
}
