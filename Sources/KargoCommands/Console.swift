#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#endif

/// The terminal: results on standard output, everything else on standard error.
enum Console {
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func warn(_ text: String) { write("Warning: \(text)\n", to: STDERR_FILENO) }

    /// A reader that went away (`kargo … | head`) is no error of ours.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                guard count > 0 || errno == EINTR else { return }
                rest = rest.dropFirst(max(count, 0))
            }
        }
    }
}
