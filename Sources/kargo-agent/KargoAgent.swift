import BuiltinSteps
import ExecutorRPC
import KargoCore
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What runs in an agent Pod: `kargo-agent init` once before everything else, then `kargo-agent run`, which runs programs
/// by `kargo-agent exec`.
@main
enum KargoAgent {
    static func main() async {
        let logger = Logger(label: "kargo-agent") { StreamLogHandler.standardError(label: $0) }
        let environment = ProcessInfo.processInfo.environment
        do {
            switch CommandLine.arguments.dropFirst().first {
            case "init":
                let setup = AgentInit(environment: environment)
                for warning in try setup.run() { logger.warning("\(warning)") }
            case "run":
                AgentProcess.protect()
                exit(try await run(environment, logger))
            case "exec":
                try ConfinedProgram(arguments: CommandLine.arguments.dropFirst(2)).run()
            default:
                logger.error("usage: kargo-agent init|run|exec")
                exit(64)
            }
        } catch {
            logger.error("\(error)")
            exit(1)
        }
    }

    private static func run(_ environment: [String: String], _ logger: Logger) async throws -> Int32 {
        let isolation = ProgramIsolation(launcher: "/proc/self/exe")
        if isolation.launcher == nil {
            logger.warning(
                "the kernel has no Landlock (Linux 5.19); git, helm and kustomize may follow links of plugins"
            )
        }
        try BuiltinStepKinds.removeSecrets(below: AgentLayout.privateDirectory)
        return try await BuiltinStepKinds.withRegistry(
            capabilities: BrokeredCapabilities.capabilities,
            isolation: isolation
        ) { registry in
            let program = try AgentProgram(environment: environment, registry: registry, logger: logger)
            let ending = try await program.run { port in
                logger.info("agent listens", metadata: ["port": "\(port)"])
            }
            return ending.rawValue
        }
    }
}
