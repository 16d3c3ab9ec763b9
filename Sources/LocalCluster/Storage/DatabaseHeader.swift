/// The first bytes of an SQLite file, read without SQLite, which might change the file.
struct DatabaseHeader: Hashable {
    private static let magic = Array("SQLite format 3\0".utf8)
    private static let length = 100

    /// The number by which a program knows its own layouts.
    let userVersion: Int

    /// Reads the head of a file; nil where there is no file, an empty one, or not an SQLite file.
    init?(of path: String) {
        guard let bytes = try? FileSystem.read(path, limit: Self.length), bytes.count == Self.length,
            bytes.starts(with: Self.magic)
        else { return nil }
        userVersion = bytes[60..<64].reduce(0) { $0 << 8 | Int($1) }
    }
}
