#if os(Linux)
import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One of the two outputs of a container, on its way into the log.
final class ContainerOutput {
    /// The end from which it is read; nil when there will be nothing more.
    private(set) var descriptor: Descriptor?

    private var encoder: LogLineEncoder
    private let log: LogFile
    private let tail: SharedTail

    init(_ descriptor: Descriptor, _ stream: OutputStream, log: LogFile, tail: SharedTail) {
        self.descriptor = descriptor
        encoder = LogLineEncoder(stream: stream)
        self.log = log
        self.tail = tail
    }

    /// Takes one piece of what is there; false when there was none.
    @discardableResult
    func read() -> Bool {
        guard let descriptor else { return false }
        let now = KubernetesMicroTime(Date())
        do {
            switch try descriptor.read(upTo: 65_536) {
            case .nothingYet: return false
            case .bytes(let bytes):
                tail.value.feed(bytes)
                append(encoder.feed(bytes, at: now))
                return true
            case .end: break
            }
        } catch {
            Diagnostics.report("the output of a container can't be read: \(error)")
        }
        self.descriptor = nil
        append(encoder.finish(at: now))
        return false
    }

    /// Takes what is there, but not more than a pipe can hold, or a process that writes for ever would hold up all.
    func drain() {
        for _ in 0..<32 where !read() { return }
    }

    private func append(_ lines: [UInt8]) {
        do {
            try log.append(lines)
        } catch {
            // A full disk costs the lines and not the container.
            Diagnostics.report("lines of a container's log are lost: \(error)")
        }
    }
}
#endif
