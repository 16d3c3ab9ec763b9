@testable import LocalCluster

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What tests do to processes that they have started.
enum ProcessSignal {
    /// Kills a process.
    static func kill(_ pid: Int32) { send(SIGKILL, pid) }

    /// Asks a process to end.
    static func terminate(_ pid: Int32) { send(SIGTERM, pid) }

    private static func send(_ signal: Int32, _ pid: Int32) {
        #if canImport(Glibc)
        _ = Glibc.kill(pid, signal)
        #elseif canImport(Musl)
        _ = Musl.kill(pid, signal)
        #else
        _ = Darwin.kill(pid, signal)
        #endif
    }
}

extension ShimProcess {
    /// Waits until a shim has ended, without a node that hears of it.
    static func waitUntilEnded(_ shim: ProcessIdentity) {
        while isAlive(shim) { sched_yield() }
    }
}
