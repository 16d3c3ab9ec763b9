import KargoCore

/// What tells a resource from others, as file names are made of it.
struct ManifestIdentity: Sendable, Hashable {
    var group = ""
    var version = ""
    var kind = ""
    var namespace = ""
    var name = ""

    init(_ manifest: JSONValue) {
        let parts = (manifest["apiVersion"]?.stringValue ?? "").split(separator: "/", omittingEmptySubsequences: false)
        group = parts.dropLast().joined(separator: "/")
        version = parts.last.map(String.init) ?? ""
        kind = manifest["kind"]?.stringValue ?? ""
        namespace = manifest["metadata"]?["namespace"]?.stringValue ?? ""
        name = manifest["metadata"]?["name"]?.stringValue ?? ""
    }
}

/// Makes names for files of resources, each one once.
struct ManifestFileNames {
    /// A name that can't be one of a file.
    struct Problem: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private var taken: Set<FileName> = []

    /// A name for a file: what it is made of in lower case, and a number where another resource has the same name.
    ///
    /// - Parameter stem: The name without `.yaml`.
    /// - Returns: The name.
    /// - Throws: ``Problem`` if it would be a path.
    mutating func name(_ stem: String) throws(Problem) -> FileName {
        let stem = stem.lowercased()
        guard !stem.utf8.contains(UInt8(ascii: "\\")) else { throw Problem(stem) }
        var number = 1
        while true {
            guard let name = FileName((number == 1 ? "\(stem).yaml" : "\(stem)-\(number).yaml").utf8) else {
                throw Problem(stem)
            }
            if taken.insert(name).inserted { return name }
            number += 1
        }
    }
}

extension ManifestFileNames.Problem {
    fileprivate init(_ stem: String) {
        description = "a resource can't be written to a file called \("\(stem).yaml".debugDescription)"
    }
}
