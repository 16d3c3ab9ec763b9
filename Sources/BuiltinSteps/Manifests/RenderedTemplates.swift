/// What `helm template` prints: documents with the template that they come from.
struct RenderedTemplates: Sendable, Hashable {
    struct Document: Sendable, Hashable {
        /// The path of the template; nothing if the document doesn't say.
        var source: String?
        /// The document without the line between it and the one before.
        var text: String
    }

    private static let sourceMark = "# Source: "

    /// The documents in order, without empty ones.
    let documents: [Document]

    /// Takes apart what helm prints.
    init(_ text: String) {
        var documents: [Document] = []
        var lines: [Substring] = []
        func finish() {
            let text = lines.joined(separator: "\n")
            if lines.contains(where: { !$0.allSatisfy(\.isWhitespace) }) {
                let first = lines.first ?? ""
                let source = first.hasPrefix(Self.sourceMark) ? first.dropFirst(Self.sourceMark.count) : nil
                documents.append(Document(source: source.map { String($0).trimmingWhitespace }, text: text))
            }
            lines = []
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("---"), line.dropFirst(3).allSatisfy(\.isWhitespace) {
                finish()
            } else {
                lines.append(line)
            }
        }
        finish()
        self.documents = documents
    }

    /// The files of helm's own layout, by path: a document that does not say goes with the one before.
    var files: [(path: String, text: String)] {
        var files: [(path: String, text: String)] = []
        var places: [String: Int] = [:]
        var latest: Int?
        for document in documents {
            if let source = document.source {
                latest = places[source] ?? files.count
                if places.updateValue(latest ?? 0, forKey: source) == nil { files.append((source, "")) }
            }
            // What has no template can't be put anywhere.
            guard let latest else { continue }
            files[latest].text += "---\n\(document.text.hasSuffix("\n") ? document.text : document.text + "\n")"
        }
        return files
    }
}

extension String {
    /// The text without white space around it.
    var trimmingWhitespace: String {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
