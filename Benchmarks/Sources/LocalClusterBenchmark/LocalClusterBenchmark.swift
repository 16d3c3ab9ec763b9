import Foundation
import KargoCore
import KubernetesClient

/// Measures `kargo-controller local-cluster` as clients see it: over HTTPS, with Kargo's kinds and its admission.
///
/// Arguments: the seconds that each load lasts (5), and the directory to keep the data under (the temporary one). What
/// a write costs depends on how long that directory's disk takes to make it last.
@main
enum LocalClusterBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let seconds = arguments.first.flatMap(Double.init) ?? 5
        let parent = arguments.dropFirst().first ?? FileManager.default.temporaryDirectory.path()
        let directory = "\(parent)/kargo-bench-\(UUID())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }

        print("| measure | value |\n|---|---|")
        report("a write and fdatasync of 4 KiB on that disk", try Disk.synchronizations(in: directory))
        let program = ClusterProgram(directory: directory)
        var starts: [Double] = []
        for _ in 0..<3 {
            try await program.run { starts.append($0.startUp) }
        }
        report("start-up, the first time", milliseconds(starts[0]))
        report("start-up, without objects", milliseconds(starts[2]))

        try await program.run { process in
            let load = try Load(process)
            try await load.prepare()
            report("memory, idle", Memory.text(try process.residentBytes()))
            let fill = try await load.fill(objects: 10_000)
            report("creations of ConfigMaps of 1 KiB and Stages, per second", fill)
            report("memory with 10,000 objects", Memory.text(try process.residentBytes()))
            for writers in [1, 16, 64] {
                report("status patches of \(writers) writers", try await load.patch(writers: writers, for: seconds))
            }
            report("memory after that", Memory.text(try process.residentBytes()))
        }
        try await program.run { process in
            report("start-up with 10,000 objects, after kill -9", milliseconds(process.startUp))
            report("memory then", Memory.text(try process.residentBytes()))
            let load = try Load(process)
            for rate in [20, 100] {
                let times = try await load.watched(by: 100, rate: rate, for: seconds)
                report("\(rate) status patches/s under 100 watchers", times.writes)
                report("from the answer to the event at each of them", times.fanOut)
            }
            report("memory after that", Memory.text(try process.residentBytes()))
            if let (start, list) = try await Kubectl(process).times() {
                report("kubectl get of one Stage", start)
                report("kubectl get of 1,000 Stages", list)
            }
        }
    }

    private static func report(_ name: String, _ value: CustomStringConvertible) { print("| \(name) | \(value) |") }

    private static func milliseconds(_ seconds: Double) -> String { String(format: "%.0f ms", seconds * 1000) }
}
