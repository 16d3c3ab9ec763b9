#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Texts as C wants arguments and environments: pointers, the last of which is null.
struct CStringArray: ~Copyable {
    typealias Pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    private let pointers: Pointers
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        pointers = .allocate(capacity: count + 1)
        for (index, text) in texts.enumerated() { pointers[index] = strdup(text) }
        pointers[count] = nil
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }

    borrowing func withPointers<Result>(_ body: (Pointers) throws -> Result) rethrows -> Result {
        try body(pointers)
    }
}
