#if os(Linux)
import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The start of a program in a session of its own, with all signals as they are by default.
struct ProcessSpawn {
    /// The file of the program.
    var executable: String
    /// Its arguments, the name of the program first.
    var arguments: [String]
    /// Its environment.
    var environment: [String: String]
    /// The open files that it has as 0, 1, 2 and so on; it inherits no other.
    var descriptors: [Descriptor]

    /// Starts the program and returns its process.
    func start() throws -> Int32 {
        // Moved out of the way first: the number of one may be the number that another is to have.
        let moved = try descriptors.map { descriptor in
            Descriptor(
                try SystemError.check("copy a descriptor") {
                    fcntl(descriptor.number, F_DUPFD_CLOEXEC, Int32(descriptors.count))
                }
            )
        }
        var actions = posix_spawn_file_actions_t()
        try check(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in moved.enumerated() {
            try check(posix_spawn_file_actions_adddup2(&actions, descriptor.number, Int32(number)))
        }
        #if canImport(Glibc)
        // Not everybody who opens files in this process keeps them from being inherited.
        try check(linux_spawn_close_from(&actions, Int32(descriptors.count)))
        #endif
        var attributes = posix_spawnattr_t()
        try check(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        try check(posix_spawnattr_setsigmask(&attributes, &signals))
        sigfillset(&signals)
        try check(posix_spawnattr_setsigdefault(&attributes, &signals))
        let flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | LinuxConstant.spawnInNewSession
        try check(posix_spawnattr_setflags(&attributes, flags))
        let arguments = CStringArray(arguments)
        let environment = CStringArray(environment.map { "\($0.key)=\($0.value)" })
        var pid: Int32 = 0
        // By their numbers alone nobody would know that they are still needed.
        let code = withExtendedLifetime((descriptors, moved)) {
            arguments.withPointers { arguments in
                environment.withPointers { environment in
                    posix_spawn(&pid, executable, &actions, &attributes, arguments, environment)
                }
            }
        }
        try check(code)
        return pid
    }

    private func check(_ code: Int32) throws(SystemError) {
        if code != 0 { throw SystemError(code: code, action: "start \(executable)") }
    }
}
#endif
