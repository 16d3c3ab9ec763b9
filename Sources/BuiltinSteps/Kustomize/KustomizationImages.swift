import KargoCore

/// The `images` of a kustomization, in which entries are set without touching anything else.
///
/// Values are replaced in place, lines are added and taken out. Only what can't be edited like that is written anew: a
/// list in flow style to which something has to be added, and a file that is one large flow.
struct KustomizationImages {
    /// Why a text is no kustomization whose images can be set.
    struct Problem: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private var text: String
    /// The images as they shall be, by name.
    private let wanted: [String: KustomizeImage]

    /// Sets images.
    ///
    /// - Parameters:
    ///   - targets: The images; of two of one name the last counts.
    ///   - text: The kustomization.
    /// - Returns: The new text, and the images as they are in it.
    /// - Throws: ``Problem`` if it is no kustomization.
    static func set(
        _ targets: [KustomizeImage],
        in text: String
    ) throws -> (text: String, images: [KustomizeImage]) {
        let list = try ImageList(text)
        var wanted: [String: KustomizeImage] = [:]
        for target in targets {
            wanted[target.name] = target.keeping(list.images.last { $0.name == target.name })
        }
        var editor = KustomizationImages(text: text, wanted: wanted)
        let expected = editor.expected(from: list)
        let result = try editor.edited(list, expected)
        return (result, wanted.values.sorted { $0.name < $1.name })
    }

    private func expected(from list: ImageList) -> [KustomizeImage] {
        let names = Set(list.images.map(\.name))
        return list.images.map { wanted[$0.name] ?? $0 } + wanted.values.filter { !names.contains($0.name) }
    }

    private mutating func edited(_ list: ImageList, _ expected: [KustomizeImage]) throws -> String {
        let original = text
        if list.isEditable {
            do {
                try replaceValues(list)
                try changeLines()
                try addEntries()
                if try holds(expected, insteadOf: original) { return text }
            } catch is Problem {
                // Something was laid out in a way that doesn't allow it.
            }
        }
        text = try list.rewritten(expected.sorted { $0.name < $1.name })
        guard try holds(expected, insteadOf: original) else {
            throw Problem(description: "its images can't be changed in place; write them out in block style")
        }
        return text
    }

    /// Whether the text has these images and is else what it was.
    private func holds(_ expected: [KustomizeImage], insteadOf original: String) throws -> Bool {
        let list = try ImageList(text)
        return try Set(list.images) == Set(expected) && list.images.count == expected.count
            && list.others == ImageList(original).others
    }

    // MARK: Editing

    private mutating func replaceValues(_ list: ImageList) throws {
        var updates: [YAMLEditor.Update] = []
        for (index, image) in list.images.enumerated() {
            guard let target = wanted[image.name] else { continue }
            for (field, value) in target.lines where image[field] != nil && image[field] != value {
                updates.append(.init(path: ["images", String(index), field], value: .string(value)))
            }
        }
        do throws(YAMLEditor.Failure) {
            text = try YAMLEditor.apply(updates, to: text)
        } catch {
            throw Problem(description: error.description)
        }
    }

    /// Takes out fields that shall not be there and adds those that are missing.
    private mutating func changeLines() throws {
        let list = try ImageList(text)
        var lines = TextLines(text)
        for (node, image) in zip(list.nodes, list.images).reversed() {
            guard let target = wanted[image.name], case .mapping(let entries) = node.content else { continue }
            let missing = target.lines.filter { image[$0.field] == nil && !entries.contains(key: $0.field) }
            let empty = target.lines.contains { image[$0.field] == nil && entries.contains(key: $0.field) }
            guard let last = entries.last, !empty else { throw Problem(description: "a field has no value") }
            let indent = String(repeating: " ", count: node.start.column - 1)
            lines.insert(
                missing.map { "\(indent)\($0.field): \(YAMLEditor.scalarText(of: .string($0.value)))" },
                after: last.value.end.line
            )
            for (index, entry) in entries.enumerated().reversed() {
                guard case .scalar(let key, _) = entry.key.content, KustomizeImage.fields.contains(key),
                    target[key] == nil
                else { continue }
                guard entry.key.start.line == entry.value.end.line else {
                    throw Problem(description: "a value takes several lines")
                }
                if index > 0 {
                    lines.remove(entry.key.start.line)
                } else {
                    // The dash stands on this line; what stands on the next one takes the place behind it.
                    guard entries.count > 1, entries[1].key.start.line > entry.key.start.line else {
                        throw Problem(description: "several fields stand on one line")
                    }
                    try lines.moveUp(entries[1].key.start, to: entry.key.start)
                }
            }
        }
        text = lines.text
    }

    private mutating func addEntries() throws {
        let names = Set(try ImageList(text).images.map(\.name))
        for image in wanted.values.sorted(by: { $0.name < $1.name }) where !names.contains(image.name) {
            let list = try ImageList(text)
            var lines = TextLines(text)
            guard let first = list.nodes.first, let key = list.entry?.key, let dash = list.entry?.value.start else {
                guard list.entry == nil else { throw Problem(description: "the list is empty") }
                lines.append(["images:"] + ImageList.block(image, indent: ""))
                text = lines.text
                continue
            }
            guard first.start.line > key.start.line else {
                throw Problem(description: "the list begins on a line with others")
            }
            let next = list.images.firstIndex { $0.name > image.name } ?? list.images.count
            let place = next == 0 ? key.start.line : try list.lastLine(ofImage: next - 1)
            lines.insert(
                ImageList.block(image, indent: String(repeating: " ", count: dash.column - 1)),
                after: place
            )
            text = lines.text
        }
    }
}

extension [YAMLNode.Entry] {
    fileprivate func contains(key: String) -> Bool {
        contains { entry in if case .scalar(key, _) = entry.key.content { true } else { false } }
    }
}
