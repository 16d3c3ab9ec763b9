/// Keeps programs that steps run to the files they need, where others may write into the work directory while they run:
/// a link there leads nowhere, and a program there is not run.
///
/// It takes Linux with Landlock. The restrictions are put on by ``ConfinedProgram``, which a launcher runs before the
/// program takes its place.
public struct ProgramIsolation: Sendable, Hashable {
    /// What a program needs besides the system's programs, libraries and certificates.
    struct Reach: Sendable, Hashable {
        /// Files, and directories with all in them, that it may read.
        var reading: [String] = []
        /// Files, and directories with all in them, that it may read and change.
        var writing: [String] = []
    }

    /// The program that is run as `LAUNCHER exec …`; nil where the kernel can't do it.
    public let launcher: String?

    /// Makes the isolation.
    ///
    /// - Parameter launcher: A program that runs ``ConfinedProgram`` when its first argument is `exec`.
    public init(launcher: String) {
        self.launcher = ConfinedProgram.isSupported ? launcher : nil
    }

    /// Where programs and libraries are.
    private static let programs = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/opt"]
    /// What programs read of the system's configuration, and nothing that tells of this process.
    private static let configuration = [
        "/etc/alternatives", "/etc/ca-certificates", "/etc/crypto-policies", "/etc/gai.conf", "/etc/group",
        "/etc/host.conf", "/etc/hosts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
        "/etc/nsswitch.conf", "/etc/passwd", "/etc/pki", "/etc/protocols", "/etc/resolv.conf", "/etc/services",
        "/etc/ssl", "/dev/random", "/dev/urandom", "/dev/zero", "/sys/devices/system/cpu",
    ]

    /// A process that runs the same program with nothing but what it needs.
    ///
    /// - Parameters:
    ///   - process: The program.
    ///   - path: Where programs are.
    ///   - reach: What it needs.
    /// - Returns: The process of the launcher, or the same one where the kernel can't do it.
    func confine(_ process: ChildProcess, path: ProgramPath, _ reach: Reach) -> ChildProcess {
        guard let launcher else { return process }
        let certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR"].compactMap { process.environment[$0] }
        let directories = path.value.split(separator: ":").map(String.init)
        var arguments = ["exec"]
        for path in Self.programs + directories { arguments += ["--run", path] }
        for path in Self.configuration + certificates + reach.reading { arguments += ["--read", path] }
        for path in ["/dev/null"] + reach.writing { arguments += ["--write", path] }
        var result = process
        result.program = launcher
        result.arguments = arguments + ["--", process.program] + process.arguments
        return result
    }
}
