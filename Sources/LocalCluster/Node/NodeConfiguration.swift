#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How a ``Node`` is set up.
public struct NodeConfiguration: Sendable {
    /// Where the node keeps its Pods.
    public var dataDirectory: String
    /// The name that the node gives itself in Pods.
    public var name: String
    /// The program that runs a Pod (see ``PodShim``); also where commands are looked for whose path does not exist.
    public var shimExecutable: String
    /// The loopback addresses that Pods get.
    public var addresses: LoopbackRange
    /// Where locks keep all nodes of the machine from giving a port away twice.
    public var leaseDirectory: String
    /// The environment of which containers get the general part.
    public var environment: [String: String]
    /// The variables by which containers find the API.
    public var serviceEnvironment: @Sendable () -> [String: String] = { [:] }
    /// What runs containers.
    public var runtime: RuntimeKind
    /// What pauses are measured with.
    public var clock: any Clock<Duration>
    /// The time of day.
    public var now: @Sendable () -> Date

    /// Makes a configuration.
    ///
    /// - Parameters:
    ///   - dataDirectory: Where the node keeps its Pods.
    ///   - name: The name that the node gives itself in Pods.
    ///   - shimExecutable: The program that runs a Pod; nil for this program.
    ///   - addresses: The loopback addresses that Pods get.
    ///   - leaseDirectory: Where locks are kept; nil for one directory for all nodes of this user.
    ///   - environment: The environment of which containers get the general part.
    ///   - runtime: What runs containers.
    ///   - clock: What pauses are measured with.
    ///   - now: The time of day.
    public init(
        dataDirectory: String,
        name: String = "local",
        shimExecutable: String? = nil,
        addresses: LoopbackRange = .pods,
        leaseDirectory: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        runtime: RuntimeKind = .processes,
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.dataDirectory = dataDirectory
        self.name = name
        self.shimExecutable = shimExecutable ?? FileSystem.target(ofLink: "/proc/self/exe") ?? "/proc/self/exe"
        self.addresses = addresses
        self.leaseDirectory = leaseDirectory ?? "/tmp/kargo-ports-\(getuid())"
        self.environment = environment
        self.runtime = runtime
        self.clock = clock
        self.now = now
    }

    /// Where commands are looked for whose path does not exist.
    var executableDirectory: String {
        shimExecutable.lastIndex(of: "/").map { String(shimExecutable[..<$0]) } ?? "."
    }

    /// The general part of the environment.
    var baseEnvironment: [String: String] {
        environment.filter { ["PATH", "HOME", "USER", "LANG", "TZ"].contains($0.key) }
    }
}
