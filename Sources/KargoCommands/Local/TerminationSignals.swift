// Its sources may be used from any thread, which the module does not say yet.
@preconcurrency import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The requests of people and of the system to end.
enum TerminationSignals {
    /// Waits for SIGINT or SIGTERM, which do nothing else from now on.
    static func wait() async {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let sources = [SIGINT, SIGTERM]
            .map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "signals"))
                source.setEventHandler { continuation.yield() }
                source.activate()
                return source
            }
        for await _ in signals { break }
        for source in sources { source.cancel() }
    }
}
