import KargoCore

/// The `images` of a kustomization as they are written.
struct ImageList {
    /// The entry `images`; nothing if there is none.
    let entry: YAMLNode.Entry?
    let nodes: [YAMLNode]
    let images: [KustomizeImage]
    /// The kustomization without its images.
    let others: JSONValue
    private let root: YAMLNode?
    private let text: String

    /// Reads a kustomization.
    ///
    /// - Throws: ``KustomizationImages/Problem`` if it is none.
    init(_ text: String) throws {
        self.text = text
        var whole: JSONValue
        do throws(SyntaxError) {
            root = try YAMLNode.firstDocument(in: text)
            whole = try root?.jsonValue() ?? .null
        } catch {
            throw KustomizationImages.Problem(description: "it is not YAML: \(error)")
        }
        var entries: [YAMLNode.Entry] = []
        switch root?.content {
        case .mapping(let all): entries = all
        case .scalar("", true), nil: whole = [:]
        default: throw KustomizationImages.Problem(description: "it is not a mapping")
        }
        entry = entries.first { entry in if case .scalar("images", _) = entry.key.content { true } else { false } }
        switch entry?.value.content {
        case .sequence(let elements): nodes = elements
        case .scalar(let text, true) where ["", "~", "null"].contains(text): nodes = []
        case nil: nodes = []
        default: throw KustomizationImages.Problem(description: "images is not a list")
        }
        images = try nodes.enumerated()
            .map { index, node in
                guard let image = KustomizeImage(node) else {
                    throw KustomizationImages.Problem(description: "images.\(index) is not a mapping with a name")
                }
                return image
            }
        if case .object(var members) = whole {
            members["images"] = nil
            whole = .object(members)
        }
        others = whole
    }

    /// Whether lines can be added and taken out.
    var isEditable: Bool {
        guard let root, case .mapping = root.content else { return entry == nil && root == nil }
        let lines = TextLines(text)
        if lines.scalar(at: root.start) == "{" { return false }
        guard let entry else { return root.start.column == 1 }
        return entry.value.start.line >= entry.key.start.line && !nodes.isEmpty
            && lines.scalar(at: entry.value.start) == "-" && nodes.allSatisfy { lines.scalar(at: $0.start) != "{" }
    }

    /// The last line of an image.
    func lastLine(ofImage index: Int) throws -> Int {
        guard case .mapping(let entries) = nodes[index].content, let last = entries.last,
            last.value.end.line == last.key.start.line
        else { throw KustomizationImages.Problem(description: "images.\(index) ends on a line of its own") }
        return last.value.end.line
    }

    /// An image as lines of a list.
    static func block(_ image: KustomizeImage, indent: String) -> [String] {
        image.lines.enumerated()
            .map { index, line in
                "\(indent)\(index == 0 ? "- " : "  ")\(line.field): \(YAMLEditor.scalarText(of: .string(line.value)))"
            }
    }

    /// The text with the list written anew.
    func rewritten(_ images: [KustomizeImage]) throws -> String {
        let fresh = ["images:"] + images.flatMap { Self.block($0, indent: "") }
        var lines = TextLines(text)
        if let root, case .mapping = root.content, lines.scalar(at: root.start) == "{" {
            guard case .object(var members) = others else { return text }
            members["images"] = .array(
                images.map { image in
                    .object(Dictionary(uniqueKeysWithValues: image.lines.map { ($0.field, .string($0.value)) }))
                }
            )
            return JSONValue.object(members).yaml()
        }
        guard let entry else {
            lines.append(fresh)
            return lines.text
        }
        if entry.value.isAnchored { throw KustomizationImages.Problem(description: "images has an anchor") }
        var last = max(entry.key.end.line, nodes.last.map(\.end.line) ?? entry.value.end.line)
        if nodes.isEmpty, case .scalar = entry.value.content { last = entry.key.end.line }
        if entry.value.end.column > 1 { last = max(last, entry.value.end.line) }
        // A block list ends where the next thing begins.
        while last > entry.key.start.line, lines.isOutside(last) { last -= 1 }
        lines.replace(entry.key.start.line...last, with: fresh)
        return lines.text
    }
}
