import Foundation
import KargoCore

/// Ten thousand files, beside `cp -r`.
enum Copy {
    private static let runs = 9

    static func run(_ bench: Workbench) async throws -> [Row] {
        let text = String(repeating: "key: value\n", count: 100)
        for directory in 0..<100 {
            let name = "in/\(directory)"
            try FileManager.default.createDirectory(atPath: bench.path(name), withIntermediateDirectories: true)
            for file in 0..<100 { try bench.write(text, to: "\(name)/\(file).yaml") }
        }
        var own: [Duration] = []
        var others: [Duration] = []
        // In turn, so that both meet the same machine; and nothing is removed meanwhile, for ext4 takes long to make files
        // where some have just been removed.
        for run in 0..<runs {
            own.append(try await bench.time("copy", ["inPath": "in", "outPath": .string("own\(run)")]))
            others.append(try bench.time(program: "cp", ["-r", bench.path("in"), bench.path("other\(run)")]))
        }
        let ratio = Times(own).median.seconds / Times(others).median.seconds
        return [
            Row(
                name: "`copy` of 10,000 files",
                times: Times(own),
                aim: "1.2 × `cp -r`, is \(String(format: "%.2f", ratio))"
            ),
            Row(name: "`cp -r` of 10,000 files", times: Times(others)),
        ]
    }
}
