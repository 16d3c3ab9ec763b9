import ArgumentParser
import KubernetesClient

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print objects.",
        discussion: "Works for every kind that the cluster serves."
    )

    @OptionGroup var project: ProjectOptions

    @Argument(help: "The kind, by its plural, singular, kind or short name.")
    var kind: String

    @Argument(help: "The names; none for all objects.")
    var names: [String] = []

    @Option(name: .shortAndLong, help: "How to print.")
    var output = ObjectFormat.table

    @Option(name: [.customShort("l"), .long], help: "Only objects whose labels match, such as a=b,c!=d.")
    var selector: String?

    @Flag(
        name: [.customShort("A"), .customLong("all-projects"), .customLong("all-namespaces")],
        help: "Print the objects of all Projects."
    )
    var allProjects = false

    @Flag(name: .shortAndLong, help: "Go on and print every change until interrupted.")
    var watch = false

    @Flag(help: "Print no headings.")
    var noHeaders = false

    func validate() throws {
        if !names.isEmpty, allProjects || selector != nil {
            throw ValidationError("Names can't be combined with -A or -l.")
        }
        if watch, names.count > 1 { throw ValidationError("Only one name can be watched.") }
    }

    func run() async throws {
        try await project.with { api, namespace in
            let resource = try KindCatalog(await api.discover()).resource(named: kind)
            var listing = ObjectListing(api: api, resource: resource, namespace: namespace, names: names)
            if allProjects { listing.namespace = nil }
            listing.selector = selector ?? ""
            listing.format = output
            listing.hasHeadings = !noHeaders
            try await listing.print(Console.write, note: Console.note)
            if watch { try await listing.follow(Console.write) }
        }
    }
}

extension ObjectFormat: ExpressibleByArgument {}
