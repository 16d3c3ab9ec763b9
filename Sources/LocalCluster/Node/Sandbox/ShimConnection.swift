// Its sources may be used from any thread, which the module does not say yet.
@preconcurrency import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A connection to the shim of a Pod.
final class ShimConnection: Sendable {
    private let descriptor: Descriptor
    private let source: any DispatchSourceRead

    /// Connects to a shim, of which nothing is heard before ``begin()``.
    ///
    /// - Parameters:
    ///   - directory: The directory of the Pod.
    ///   - onState: Hears of every state, one after the other.
    ///   - onEnd: Hears once that the shim has closed the connection, and not that this side has.
    /// - Throws: ``SystemError``, with code `ECONNREFUSED` or `ENOENT` where no shim is there.
    init(
        directory: String,
        onState: @escaping @Sendable (ShimState) -> Void,
        onEnd: @escaping @Sendable () -> Void
    ) throws {
        let descriptor = try UnixSocket.connect(to: PodFile.socket, in: directory)
        try descriptor.stopWaiting()
        self.descriptor = descriptor
        let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor.number,
            queue: DispatchQueue(label: "shim connection")
        )
        self.source = source
        let inbox = Inbox()
        source.setEventHandler {
            let hasEnded = inbox.read(from: descriptor, onState)
            if hasEnded {
                source.cancel()
                onEnd()
            }
        }
        // The file must stay open as long as it is watched.
        source.setCancelHandler { withExtendedLifetime(descriptor) {} }
    }

    /// Begins to hear of the shim's state; called once.
    func begin() throws {
        source.activate()
        try send(.subscribe)
    }

    deinit { source.cancel() }

    /// Tells the shim to do something.
    func send(_ command: ShimCommand) throws {
        let line = try StoredValue.line(command) + [UInt8(ascii: "\n")]
        let sent = line.withUnsafeBytes { buffer in
            #if canImport(Glibc)
            Glibc.send(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            #elseif canImport(Musl)
            Musl.send(descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            #else
            Darwin.send(descriptor.number, buffer.baseAddress, buffer.count, 0)
            #endif
        }
        guard sent == line.count else { throw SystemError(code: sent < 0 ? errno : EAGAIN, action: "tell the shim") }
    }

    /// Hears no more of the shim, which goes on.
    func close() { source.cancel() }
}

/// What has come over a connection and is no whole line yet.
private final class Inbox: Sendable {
    private let lines = Mutex(LineBuffer())

    /// Takes the states that have come; true at the end of the connection, or where it makes no sense.
    func read(from descriptor: Descriptor, _ onState: (ShimState) -> Void) -> Bool {
        do {
            while true {
                switch try descriptor.read(upTo: 65_536) {
                case .nothingYet: return false
                case .end: return true
                case .bytes(let bytes):
                    guard let lines = lines.withLock({ $0.feed(bytes) }) else { return true }
                    for line in lines { onState(try StoredValue.decode(ShimState.self, from: line)) }
                }
            }
        } catch {
            // The end of the connection: what has become of the Pod is in its directory.
            return true
        }
    }
}
