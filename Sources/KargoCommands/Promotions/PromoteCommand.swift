import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Bring Freight to a Stage, or end a Promotion.",
        usage: """
            kargo promote --stage STAGE (--freight NAME | --freight-alias ALIAS) [--wait [--timeout DURATION]]
            kargo promote --stage STAGE (--freight NAME | --freight-alias ALIAS) --dry-run [-f FILE] … [-o FORMAT]
            kargo promote --name PROMOTION --abort
            """,
        discussion: """
            With --wait the steps are shown as they run; the exit code is 0 if the Promotion succeeded, 2 if it ended \
            in another way, and 1 if it could not be waited for to its end.

            With --dry-run every step is printed with its configuration, its expressions evaluated as far as that can be \
            known before anything has run; nothing is made. The exit code is 1 if something can't be evaluated.
            """
    )

    @OptionGroup var project: ProjectOptions
    @OptionGroup var freight: FreightOptions

    @Option(help: "The Stage that receives the Freight.")
    var stage: String?

    @Flag(help: "Wait until the Promotion has ended.")
    var wait = false

    @Option(
        help: "How long to wait at most, such as 90s or 1h30m; the Promotion itself goes on.",
        transform: Self.duration
    )
    var timeout: Duration?

    @Flag(help: "Print what would be done, and do nothing.")
    var dryRun = false

    @OptionGroup(title: "Options of --dry-run")
    var manifests: ManifestOptions

    @Option(name: .shortAndLong, help: "How to print what would be done.")
    var output = PromotionOutline.Format.text

    @Option(help: "The Promotion to abort.")
    var name: String?

    @Flag(help: "End the Promotion.")
    var abort = false

    private static func duration(_ text: String) throws -> Duration {
        let duration: Duration
        do {
            duration = try GoDuration(text).duration
        } catch {
            throw ValidationError("--timeout: \(error)")
        }
        guard duration > .zero else { throw ValidationError("--timeout must be more than nothing.") }
        return duration
    }

    func validate() throws {
        if abort || name != nil {
            guard abort, name != nil, stage == nil, freight.count == 0, !wait, timeout == nil, !dryRun else {
                throw ValidationError(
                    "--abort takes --name, and both are used without any option about Freight, waiting or --dry-run."
                )
            }
            return
        }
        guard stage != nil else { throw ValidationError("Give the Stage with --stage.") }
        if freight.count != 1 { throw ValidationError("Give the Freight by one of --freight and --freight-alias.") }
        if dryRun, wait { throw ValidationError("--dry-run makes nothing that could be waited for.") }
        if !dryRun, !manifests.files.isEmpty { throw ValidationError("-f is used with --dry-run only.") }
        if timeout != nil, !wait { throw ValidationError("--timeout is used with --wait only.") }
    }

    func run() async throws {
        if dryRun { return try await project.with(manifests, preview) }
        try await project.with { api, project in
            let objects = KargoObjects(api: api)
            let request = PromotionRequest(api: api, project: project)
            if let name {
                try await request.abort(objects.namedPromotion(name, project: project))
                Console.write("\(APIResource.promotions.printed(name)) abort requested\n")
                return
            }
            let stage = try await objects.namedStage(stage ?? "", project: project)
            let freight = try await freight.freight(of: objects, project: project)
            let promotion = try await request.promote(freight, to: stage)
            Console.write("\(APIResource.promotions.printed(promotion.metadata.name)) created\n")
            if wait { try await follow(promotion, api) }
        }
    }

    private func preview(_ api: any KubernetesAPI, _ project: String) async throws {
        let objects = KargoObjects(api: api)
        let stage = try await objects.namedStage(stage ?? "", project: project)
        let freight = try await freight.freight(of: objects, project: project)
        if !stage.isAvailable(freight, at: Date()) {
            Console.warn(
                "Freight \"\(freight.metadata.name)\" is not available to Stage \"\(stage.metadata.name)\"; as it is, the "
                    + "Promotion would be refused"
            )
        }
        guard !stage.isControlFlow else { throw PromotionRequest.nothingToPromote(to: stage) }
        let planned = try await PlannedPromotion(of: freight, to: stage, api: api)
        let outline = PromotionOutline(
            plan: planned.plan,
            preview: try await PromotionPreview(of: planned.plan, data: planned.data)
        )
        Console.write(outline.text(output))
        if outline.hasProblems { throw ExitCode.failure }
    }

    private func follow(_ promotion: Promotion, _ api: any KubernetesAPI) async throws {
        let view: any PromotionView = Console.size == nil ? PlainPromotionView() : LivePromotionView()
        let following = PromotionFollowing(
            api: api,
            name: promotion.metadata.name,
            project: promotion.metadata.namespace
        )
        let phase = try await following.run(timeout: timeout, view: view)
        if phase != .succeeded { throw ExitCode(Kargo.ExitStatus.promotionDidNotSucceed) }
    }
}

extension PromotionOutline.Format: ExpressibleByArgument {}
