import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient

struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Bring Freight to a Stage, or end a Promotion.",
        usage: """
            kargo promote --stage STAGE (--freight NAME | --freight-alias ALIAS) [--wait [--timeout DURATION]]
            kargo promote --name PROMOTION --abort
            """,
        discussion: """
            With --wait the steps are shown as they run; the exit code is 0 if the Promotion succeeded, 2 if it ended \
            in another way, and 1 if it could not be waited for to its end.
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
            guard abort, name != nil, stage == nil, freight.count == 0, !wait, timeout == nil else {
                throw ValidationError(
                    "--abort takes --name, and both are used without any option about Freight or waiting."
                )
            }
            return
        }
        guard stage != nil else { throw ValidationError("Give the Stage with --stage.") }
        if freight.count != 1 { throw ValidationError("Give the Freight by one of --freight and --freight-alias.") }
        if timeout != nil, !wait { throw ValidationError("--timeout is used with --wait only.") }
    }

    func run() async throws {
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
