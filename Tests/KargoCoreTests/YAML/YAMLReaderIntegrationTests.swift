import Foundation
import KargoCore
import Testing

extension Tag {
    /// Starts real processes.
    @Tag static var integration: Self
}

/// Whether another implementation of YAML reads what is written here; skipped where Python has none.
@Suite(.tags(.integration), .enabled(if: PyYAML.isPresent))
struct YAMLReaderIntegrationTests {
    private let values = (1000..<1600)
        .map { seed in
            var sample = YAMLSample(seed: seed)
            return sample.value()
        }

    @Test func `PyYAML reads the layout of Kubernetes' tools`() throws {
        try expectSame(PyYAML.read(values.map { $0.yaml() }))
    }

    @Test func `PyYAML reads what asYAML gives`() async throws {
        var documents: [String] = []
        for value in values { documents.append(try await value.templateYAML()) }
        try expectSame(PyYAML.read(documents))
    }

    private func expectSame(_ read: [JSONValue]) {
        #expect(read.count == values.count)
        for (value, copy) in zip(values, read) { #expect(copy == value) }
    }
}

/// The YAML reader of Python.
private enum PyYAML {
    private static let program = """
        import json, sys, yaml
        documents = json.load(sys.stdin.buffer)
        json.dump([yaml.safe_load(document) for document in documents], sys.stdout)
        """

    static let isPresent = (try? read(["a: 1"])) == [["a": 1]]

    static func read(_ documents: [String]) throws -> [JSONValue] {
        let input = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
        try Data(JSONValue.array(documents.map(JSONValue.string)).serialized()).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONValue(parsing: String(decoding: data, as: UTF8.self)).arrayValue ?? []
    }
}
