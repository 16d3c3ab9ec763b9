import KargoTestSupport

/// A shell script in the place of `kargo-controller`; `$0` ends with the subcommand and `$2` is the data directory.
///
/// The shell finds the subcommand as a script on its path. The script is no program of its own: one that was just
/// written can't be started while another thread is between fork and exec.
struct StandInController {
    let executable = "/bin/bash"
    let environment: [String: String]

    init(_ script: String, in directory: ScopedDirectory) throws {
        for subcommand in ["local-cluster", "run"] { try directory.write(script + "\n", to: "scripts/\(subcommand)") }
        environment = ["PATH": "\(directory.file("scripts")):/bin:/usr/bin"]
    }
}
