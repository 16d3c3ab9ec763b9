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

/// The program that runs one Pod, and goes on running it when the node ends.
///
/// `main` calls it before there is a second thread, because the kernel lets a process of several threads change neither
/// its namespaces nor what becomes of its children.
public enum PodShim {
    /// The argument by which `main` knows that this is what it was started for.
    public static let command = "pod-shim"

    static let containerOption = "--container"
    static let checkOption = "--check"
    /// The socket for commands, which the node has opened; locks that the node holds for the Pod follow.
    static let listenerNumber: Int32 = 3

    /// Runs a Pod to its end and ends the process.
    ///
    /// - Parameter arguments: What follows ``command``: the directory of the Pod.
    public static func main(arguments: [String]) -> Never {
        #if os(Linux)
        if arguments.first == containerOption { ContainerLaunch.main(Array(arguments.dropFirst())) }
        if arguments.first == checkOption { CheckLaunch.main(Array(arguments.dropFirst())) }
        do {
            guard let directory = arguments.first, arguments.count == 1 else {
                throw LaunchFailure(stage: .creation, message: "usage: kargo-controller \(command) DIRECTORY")
            }
            try run(directory)
            exit(0)
        } catch {
            Diagnostics.report("\(error)")
            exit(1)
        }
        #else
        Diagnostics.report("Pods can be run on Linux only")
        exit(1)
        #endif
    }

    #if os(Linux)
    private static func run(_ directory: String) throws {
        try SystemError.check("enter \(directory)") { chdir(directory) }
        guard let spec = try StoredValue.read(ShimSpec.self, from: PodFile.spec) else {
            throw LaunchFailure(stage: .creation, message: "\(directory)/\(PodFile.spec) does not exist")
        }
        let listener = Descriptor(listenerNumber)
        // Never given to a container, and held to the end.
        let leases = (0..<spec.leaseCount).map { Descriptor(listenerNumber + 1 + Int32($0)) }
        try SystemError.check("adopt processes that lose their parent") {
            linux_prctl(LinuxConstant.setChildSubreaper, 1, 0, 0, 0)
        }
        guard let shim = ProcessTable.identity(getpid()) else {
            throw LaunchFailure(stage: .creation, message: "/proc is not there, without which no Pod can be run")
        }
        try withExtendedLifetime(leases) {
            try Supervisor(spec: spec, listener: listener, shim: shim).run()
        }
    }
    #endif
}
