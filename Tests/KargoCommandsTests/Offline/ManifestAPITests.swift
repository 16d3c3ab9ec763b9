import ArgumentParser
import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@testable import KargoCommands

@Suite("Files in the place of a cluster")
struct ManifestAPITests {
    private func api(_ text: String, project: String = "demo") throws -> ManifestAPI {
        try ManifestAPI(Manifest.all(in: text, of: "f.yaml"), project: project)
    }

    private func api() throws -> ManifestAPI { try ManifestAPI(OfflineProject.manifests(), project: "demo") }

    @Test func `give objects in their namespaces`() async throws {
        let api = try api()
        let map = try await api.get(.configMaps, namespace: "demo", name: "config")
        #expect(map["data"] == ["color": "green"])
        #expect(map[path: "metadata", "namespace"] == "demo")
        let project = try await api.get(.projects, name: "demo")
        #expect(project[path: "metadata", "namespace"] == nil)
        _ = try await api.get(.secrets, namespace: "kargo-shared-resources", name: "everyone")
    }

    @Test func `give Secrets as an API server does`() async throws {
        let secret = try await api().get(.secrets, namespace: "demo", name: "creds")
        #expect(secret["data"] == ["user": "bWU=", "token": "aHVudGVyMi1odW50ZXIy"])
        #expect(secret["stringData"] == nil)
    }

    @Test func `know Freight by every name it has`() async throws {
        let objects = KargoObjects(api: try api())
        let freight = try await objects.freight(alias: "brave-otter", project: "demo")
        #expect(freight.metadata.name.count == 40)
        #expect(try await objects.freight(freight.metadata.name, project: "demo") == freight)
        #expect(try await objects.freight("mine", project: "demo") == freight)
        #expect(try await objects.api.list(.freights, namespace: "demo").items.count == 1)
    }

    @Test(
        arguments: [
            ("", ["a", "b", "c"]), ("app=web", ["a", "b"]), ("app==web,tier!=back", ["a"]), ("app!=web", ["c"]),
            ("app=none", []),
        ] as [(String, [String])]
    )
    func `list objects by their labels`(selector: String, names: [String]) async throws {
        let api = try api(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: b, labels: {app: web, tier: back}}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {app: web}}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: elsewhere, labels: {app: db}}}
            """
        )
        let options = ListOptions(labelSelector: selector)
        let list = try await api.list(.configMaps, namespace: "demo", options: options)
        #expect(list.items.map { $0[path: "metadata", "name"]?.stringValue } == names)
    }

    @Test func `list what is in all namespaces, and nothing of a kind that is in no file`() async throws {
        let api = try api()
        #expect(try await api.list(.secrets).items.count == 2)
        #expect(try await api.list(.promotions, namespace: "demo").items.isEmpty)
    }

    @Test(
        arguments: [
            ("v1", "NetworkPolicy", "networkpolicies"), ("example.org/v2", "Ingress", "ingresses"),
            ("v1", "Endpoints", "endpoints"),
        ]
    )
    func `keep kinds that nobody has described`(apiVersion: String, kind: String, plural: String) async throws {
        let api = try api("{apiVersion: \(apiVersion), kind: \(kind), metadata: {name: x}}")
        let parts = apiVersion.split(separator: "/").map(String.init)
        let resource = APIResource(
            group: parts.count == 2 ? parts[0] : "",
            version: parts.last ?? "",
            plural: plural,
            kind: kind
        )
        #expect(try await api.get(resource, namespace: "demo", name: "x")["kind"] == .string(kind))
    }

    @Test func `take the later of two objects with one name`() async throws {
        let api = try api(
            """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: old}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: demo}, data: {x: new}}
            """
        )
        let items = try await api.list(.configMaps, namespace: "demo").items
        #expect(items.map { $0["data"] } == [["x": "new"]])
    }

    @Test(
        arguments: [
            ("{apiVersion: v1, kind: Pod}", "f.yaml: metadata.name must be given"),
            ("{apiVersion: v1, kind: Pod, metadata: {name: on}}", "f.yaml: metadata.name is boolean; "),
            (
                "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {pin: 123}}",
                "f.yaml: stringData.pin is integer, not a string; "
            ),
        ]
    )
    func `refuse what a cluster would refuse`(text: String, reason: String) {
        let error = #expect(throws: CommandError.self) { try api(text) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }

    @Test func `say what they do not have`() async throws {
        let api = try api()
        let error = await #expect(throws: KubernetesError.self) {
            try await api.get(.stages, namespace: "demo", name: "prod")
        }
        #expect(error?.code == .notFound)
        #expect(error?.description == "stages.kargo.akuity.io \"prod\" is in none of the files")
    }

    @Test func `can't be changed or followed`() async throws {
        let api = try api()
        let writes: [() async throws -> Void] = [
            { _ = try await api.create(.configMaps, namespace: "demo", ["metadata": ["name": "x"]]) },
            { _ = try await api.replace(.configMaps, namespace: "demo", name: "config", [:]) },
            { _ = try await api.patch(.configMaps, namespace: "demo", name: "config", .merge([:])) },
            { try await api.delete(.configMaps, namespace: "demo", name: "config") },
            { try await api.stream(APIRequest(.get, APIResource.pods.path())) { _ in true } },
        ]
        for write in writes {
            let error = await #expect(throws: KubernetesError.self) { try await write() }
            #expect(error?.code == .other(405), "\(error?.description ?? "")")
        }
    }

    @Test(arguments: [ListOptions(labelSelector: "app in (a,b)"), ListOptions(fieldSelector: "metadata.name=x")])
    func `say which searches they can't do`(options: ListOptions) async throws {
        let error = await #expect(throws: KubernetesError.self) {
            try await api().list(.configMaps, namespace: "demo", options: options)
        }
        #expect(error?.code == .badRequest)
    }
}

@Suite("The Project of files")
struct ManifestProjectTests {
    private func project(_ arguments: [String], _ texts: String...) async throws -> String {
        try await ScopedDirectory.with { directory in
            for (index, text) in texts.enumerated() { try directory.write(text, to: "\(index).yaml") }
            let files = try ManifestOptions.parse(["-f", directory.path])
            return try await ProjectOptions.parse(arguments)
                .with(files) { api, project in
                    #expect(api is ManifestAPI)
                    return project
                }
        }
    }

    private let stage = "{apiVersion: kargo.akuity.io/v1alpha1, kind: Stage, metadata: {name: s, namespace: one}}"
    private let secret = "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: elsewhere}}"
    private let projectObject = "{apiVersion: kargo.akuity.io/v1alpha1, kind: Project, metadata: {name: two}}"

    @Test func `is the one that Kargo's objects are of, unless the command line names another`() async throws {
        #expect(try await project([], stage, secret) == "one")
        #expect(try await project([], projectObject, secret) == "two")
        #expect(try await project(["-p", "three"], stage, projectObject) == "three")
        #expect(try await project([], secret) == "default")
    }

    @Test func `must be chosen where there are several`() async throws {
        let error = await #expect(throws: CommandError.self) { try await project([], stage, projectObject) }
        #expect(error?.description == "the files are of the Projects one, two; choose one with -p")
    }
}
