/// Finds the file of a command, where images with their own files do not exist.
struct ExecutableSearch {
    /// The `PATH` of the container.
    var path: String
    /// Whether a file can be executed.
    var isExecutable: (String) -> Bool

    /// The file of a name without directories; `python` is also looked for as `python3`.
    func find(_ name: String) -> String? {
        let names = name == "python" ? [name, "python3"] : [name]
        for name in names {
            for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
                let file = "\(directory.isEmpty ? "." : directory)/\(name)"
                if isExecutable(file) { return file }
            }
        }
        return nil
    }

    /// The last component of a path.
    static func name(of command: String) -> String {
        command.split(separator: "/").last.map(String.init) ?? command
    }
}
