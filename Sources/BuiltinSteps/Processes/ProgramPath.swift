#if os(Linux)
import CLinux
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The directories in which programs are looked for.
struct ProgramPath: Sendable, Hashable {
    /// What is searched where `PATH` is not set.
    private static let standard = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The value for the `PATH` of programs.
    let value: String
    /// How programs that work on others' files are kept from more than these; nil if nobody else writes there.
    let isolation: ProgramIsolation?

    /// Takes the `PATH` of an environment; directories that are not absolute are left out.
    init(environment: [String: String], isolation: ProgramIsolation? = nil) {
        self.isolation = isolation
        let path = environment["PATH"].nonEmpty ?? Self.standard
        value = path.split(separator: ":").filter { $0.hasPrefix("/") }.joined(separator: ":")
    }

    /// A process that has nothing but what it needs, as far as others could lead it astray.
    func confine(_ process: ChildProcess, _ reach: ProgramIsolation.Reach) -> ChildProcess {
        isolation?.confine(process, path: self, reach) ?? process
    }

    /// The file of a program.
    func find(_ name: String) -> String? {
        value.split(separator: ":").lazy.map { "\($0)/\(name)" }
            .first { path in
                var status = stat()
                return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
            }
    }
}
