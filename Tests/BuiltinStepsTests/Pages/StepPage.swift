import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The example on the page of a kind of step.
///
/// It consists of fenced blocks whose info strings say what they are, behind a word for the language:
/// `file=PATH` and `result=PATH` for a file before and after, `steps` for the steps, `output` for what the last one puts
/// out, `tree=PATH` for all files of a directory afterwards, and `failure` for the message of a Promotion that does not
/// succeed. A line `<!-- setting: NAME -->` names the ``PageSetting`` that it needs.
struct StepPage: Sendable, CustomTestStringConvertible {
    /// A page that can't be understood.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// The kind of step that the page is about.
    let kind: String
    private(set) var setting = "none"
    private(set) var files: [(path: String, text: String)] = []
    private(set) var steps: [PromotionStep] = []
    private(set) var results: [(path: String, text: String)] = []
    private(set) var trees: [(path: String, files: [String])] = []
    private(set) var output: JSONValue?
    private(set) var failure: String?

    var testDescription: String { kind }

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - kind: The kind of step.
    ///   - text: The page.
    /// - Throws: ``Malformed``, and `SyntaxError` and `FieldError` of steps that can't be read.
    init(kind: String, text: String) throws {
        self.kind = kind
        let parts = text.components(separatedBy: "\n## Example\n")
        guard parts.count == 2 else { throw Malformed(description: "\(kind) has no example") }
        var lines = parts[1].split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.hasPrefix("<!-- setting: "), line.hasSuffix(" -->") {
                setting = String(line.dropFirst("<!-- setting: ".count).dropLast(" -->".count))
            }
            let fence = line.prefix { $0 == "`" }
            guard fence.count >= 3 else { continue }
            guard let end = lines.firstIndex(of: fence) else {
                throw Malformed(description: "\(kind): a block does not end")
            }
            let text = lines[..<end].map { $0 + "\n" }.joined()
            lines = lines[(end + 1)...]
            try add(text, info: line.dropFirst(fence.count))
        }
        if steps.isEmpty { throw Malformed(description: "\(kind): the example has no steps") }
        if !steps.contains(where: { $0.uses == kind }) {
            throw Malformed(description: "\(kind): the example does not use it")
        }
    }

    private mutating func add(_ text: String, info: Substring) throws {
        let role = info.split(separator: " ", maxSplits: 1).dropFirst().first ?? ""
        let parts = role.split(separator: "=", maxSplits: 1).map(String.init)
        switch (parts.first, parts.dropFirst().first) {
        case ("file", let path?): files.append((path, text))
        case ("result", let path?): results.append((path, text))
        case ("tree", let path?): trees.append((path, text.split(separator: "\n").map(String.init)))
        case ("steps", nil):
            steps += try JSONValueDecoder().decode([PromotionStep].self, from: JSONValue(yaml: text))
        case ("output", nil): output = try JSONValue(yaml: text)
        case ("failure", nil): failure = String(text.dropLast())
        default: throw Malformed(description: "\(kind): unknown block \"\(info)\"")
        }
    }

    /// All pages.
    static func all() throws -> [StepPage] {
        // This file is four levels below the top of the repository.
        let top = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let directory = top.appending(path: "extended/docs-site/steps")
        return try FileManager.default.contentsOfDirectory(atPath: directory.path(percentEncoded: false))
            .filter { $0.hasSuffix(".md") && $0 != "index.md" }
            .map { $0.dropLast(".md".count) }
            .sorted()
            .map { kind in
                let text = try Data(contentsOf: directory.appending(path: "\(kind).md"))
                return try StepPage(kind: String(kind), text: String(decoding: text, as: UTF8.self))
            }
    }
}
