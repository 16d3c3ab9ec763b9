import KargoCore
import Testing

@testable import LocalCluster

struct PodPlannerTests {
    private static let references = PodReferences(
        configMaps: ["settings": .settings],
        secrets: ["keys": .keys, "broken": .broken]
    )

    private func plans(
        _ container: JSONValue,
        restartPolicy: String = "Always",
        isInit: Bool = false
    ) throws -> [ContainerPlan] {
        let other = JSONValue.shell("other", "true")
        var pod = try JSONValueDecoder()
            .decode(
                Pod.self,
                from: .pod(
                    "p",
                    restartPolicy: restartPolicy,
                    initContainers: isInit ? [container] : [],
                    containers: isInit ? [other] : [container],
                    volumes: [["name": "w", "emptyDir": [:]], ["name": "c", "configMap": ["name": "settings"]]]
                )
            )
        pod.metadata.namespace = "ns"
        let api = DownwardAPI(
            pod: pod,
            address: "127.64.0.9",
            node: NodeFacts(name: "local", processors: 1, memory: 1)
        )
        let planner = PodPlanner(
            downwardAPI: api,
            references: Self.references,
            baseEnvironment: ["PATH": "/bin", "HOME": "/home/me"],
            executableDirectory: "/programs"
        )
        return try planner.containers(
            volumes: ["w": "/pods/u/volumes/w", "c": "/pods/u/volumes/c"],
            directory: "/pods/u",
            histories: [:]
        )
    }

    private func environment(_ fields: [String: JSONValue]) throws -> [String: String] {
        try plans(.shell("a", "true", fields))[0].environment
    }

    @Test func `gives a container the general environment, its name and its own variables`() throws {
        let environment = try environment([
            "env": [
                ["name": "A", "value": "1"], ["name": "B", "value": "$(A)$(C)$(PATH)"],
                ["name": "C", "value": "later"], ["name": "HOME", "value": "/tmp"],
                ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]],
            ]
        ])
        #expect(
            environment == [
                "PATH": "/bin", "HOME": "/tmp", "HOSTNAME": "p", "A": "1", "B": "1$(C)$(PATH)", "C": "later",
                "IP": "127.64.0.9",
            ]
        )
    }

    @Test func `takes variables from ConfigMaps and Secrets`() throws {
        let environment = try environment([
            "envFrom": [
                ["configMapRef": ["name": "settings"], "prefix": "S_"], ["secretRef": ["name": "keys"]],
                ["secretRef": ["name": "none", "optional": true]],
            ],
            "env": [
                ["name": "ONE", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "one"]]],
                ["name": "KEY", "valueFrom": ["secretKeyRef": ["name": "keys", "key": "key"]]],
                ["name": "NO", "valueFrom": ["secretKeyRef": ["name": "keys", "key": "no", "optional": true]]],
                ["name": "NOR", "valueFrom": ["configMapKeyRef": ["name": "no", "key": "no", "optional": true]]],
            ],
        ])
        #expect(environment["S_one"] == "eins")
        #expect(environment["key"] == "open sesame")
        #expect(environment["ONE"] == "eins")
        #expect(environment["KEY"] == "open sesame")
        #expect(environment["NO"] == nil)
        #expect(environment["NOR"] == nil)
    }

    @Test(
        arguments: [
            (["envFrom": [["configMapRef": ["name": "no"]]]], "configmap \"no\" not found"),
            (["envFrom": [["secretRef": ["name": "no"]]]], "secret \"no\" not found"),
            (
                ["env": [["name": "A", "valueFrom": ["secretKeyRef": ["name": "keys", "key": "no"]]]]],
                "couldn't find key no in Secret ns/keys"
            ),
            (
                ["env": [["name": "A", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "no"]]]]],
                "couldn't find key no in ConfigMap ns/settings"
            ),
            (
                ["env": [["name": "A", "valueFrom": ["secretKeyRef": ["name": "broken", "key": "key"]]]]],
                "secret \"broken\": key \"key\" of the Secret's data is not base64"
            ),
            (
                ["env": [["name": "A", "valueFrom": ["fieldRef": ["fieldPath": "spec.hostname"]]]]],
                "field \"spec.hostname\" of the Pod is not supported here"
            ),
            (["env": [["name": "A", "valueFrom": [:]]]], "a source of an environment variable is not supported"),
        ] as [([String: JSONValue], String)]
    )
    func `says what is missing`(fields: [String: JSONValue], message: String) {
        let blocker = #expect(throws: PodBlocker.self) { try environment(fields) }
        #expect(blocker?.reason == "CreateContainerConfigError")
        #expect(blocker?.container == "a")
        #expect(blocker?.message == message)
    }

    @Test func `refuses a container without a command, for there is no image to take one from`() {
        let blocker = #expect(throws: PodBlocker.self) {
            try plans(["name": "a", "image": "nginx", "args": ["x"]])
        }
        #expect(blocker?.reason == "CreateContainerError")
        #expect(blocker?.remedy == PodBlocker.Remedy.none)
    }

    @Test func `puts variables into the command`() throws {
        let plan = try plans([
            "name": "a", "command": ["/kargo-agent", "$(MODE)"], "args": ["$(NONE)", "$$(MODE)"],
            "env": [["name": "MODE", "value": "run"]],
        ])[0]
        #expect(plan.command == ["/kargo-agent", "run", "$(NONE)", "$(MODE)"])
        #expect(plan.executableDirectories == ["/programs"])
        #expect(plan.terminationMessagePath == "/dev/termination-log")
        #expect(plan.logDirectory == "/pods/u/logs/a")
    }

    @Test func `mounts volumes, those of the API's objects read-only`() throws {
        let plan = try plans(
            .shell(
                "a",
                "true",
                [
                    "env": [["name": "PART", "value": "x"]],
                    "volumeMounts": [
                        ["name": "w", "mountPath": "/w", "subPathExpr": "a/$(PART)"],
                        ["name": "c", "mountPath": "/c"],
                        ["name": "w", "mountPath": "/r", "readOnly": true, "subPath": "b"],
                    ],
                ]
            )
        )[0]
        #expect(
            plan.mounts == [
                MountRequest(volume: "/pods/u/volumes/w", subPath: "a/x", path: "/w", isReadOnly: false),
                MountRequest(volume: "/pods/u/volumes/c", subPath: "", path: "/c", isReadOnly: true),
                MountRequest(volume: "/pods/u/volumes/w", subPath: "b", path: "/r", isReadOnly: true),
            ]
        )
    }

    @Test(
        arguments: [
            ("Always", false, nil, ContainerPlan.Kind.main, ContainerPlan.Restart.always),
            ("OnFailure", false, nil, .main, .onFailure), ("Never", false, nil, .main, .never),
            ("Always", true, nil, .initialization, .onFailure), ("Never", true, nil, .initialization, .never),
            ("Never", true, "Always", .sidecar, .always),
        ] as [(String, Bool, String?, ContainerPlan.Kind, ContainerPlan.Restart)]
    )
    func `gives each container its part`(
        policy: String,
        isInit: Bool,
        own: String?,
        kind: ContainerPlan.Kind,
        restart: ContainerPlan.Restart
    ) throws {
        let fields: [String: JSONValue] = own.map { ["restartPolicy": .string($0)] } ?? [:]
        let plan = try plans(.shell("a", "true", fields), restartPolicy: policy, isInit: isInit)[0]
        #expect(plan.kind == kind)
        #expect(plan.restart == restart)
    }
}

extension ConfigMap {
    static let settings: ConfigMap = {
        var object = ConfigMap()
        object.metadata.name = "settings"
        object.data = ["one": "eins", "two": "zwei"]
        object.binaryData = ["raw": "AAE="]
        return object
    }()
}

extension Secret {
    static let keys: Secret = {
        var object = Secret()
        object.metadata.name = "keys"
        object.data = ["key": "b3BlbiBzZXNhbWU="]
        return object
    }()

    static let broken: Secret = {
        var object = Secret()
        object.metadata.name = "broken"
        object.data = ["key": "%"]
        return object
    }()
}
