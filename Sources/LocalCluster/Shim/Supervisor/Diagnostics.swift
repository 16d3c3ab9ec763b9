#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a shim has to say for itself, which is its standard error and so the file ``PodFile/shimLog``.
enum Diagnostics {
    /// Says a sentence.
    static func report(_ sentence: String) {
        do {
            try Descriptor(dup(2)).write(Array("\(Date().ISO8601Format()) \(sentence)\n".utf8))
        } catch {
            // There is nobody left to tell.
            return
        }
    }
}
