#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A text that a command line names.
struct InputFile {
    /// The file; `-` is standard input.
    let path: String

    /// What messages call it.
    var name: String { path == "-" ? "standard input" : path }

    /// The text.
    ///
    /// - Throws: ``CommandError`` that names the file.
    func text() throws(CommandError) -> String {
        let bytes: [UInt8]
        if path == "-" {
            bytes = try StandardInput.readToEnd()
        } else {
            do {
                bytes = Array(try Data(contentsOf: URL(filePath: path)))
            } catch {
                throw CommandError("\(name): can't be read: \(error.reason)")
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("\(name): is not UTF-8 text")
        }
        return text
    }
}
