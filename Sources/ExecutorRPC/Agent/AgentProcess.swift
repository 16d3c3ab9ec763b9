#if os(Linux)
import CLinux
#endif

/// What the agent's process does to itself.
public enum AgentProcess {
    /// Keeps other processes of the same user, such as the programs that steps start, from reading this one's memory
    /// and environment.
    ///
    /// - Returns: Whether the system has done so.
    @discardableResult
    public static func protect() -> Bool {
        #if os(Linux)
        linux_prctl(Int32(PR_SET_DUMPABLE), 0, 0, 0, 0) == 0
        #else
        false
        #endif
    }
}
