import KargoCore
import Testing

@Suite("Container")
struct ContainerTests {
    private let strict = JSONValueDecoder(unknownFields: .rejected)

    @Test func `an empty container has a name and resources`() throws {
        #expect(try JSONValueEncoder().encode(Container()) == ["name": "", "resources": [:]])
    }

    /// A container with every field.
    private static let full: JSONValue = [
        "name": "plugin",
        "image": "registry.example.com/plugin:1.2",
        "command": ["python", "-u"],
        "args": ["server.py", ""],
        "workingDir": "/srv",
        "ports": [
            ["name": "rpc", "containerPort": 4355, "protocol": "TCP"],
            ["containerPort": 9000, "hostPort": 9001, "hostIP": "127.0.0.1"],
        ],
        "envFrom": [
            ["prefix": "A_", "configMapRef": ["name": "settings", "optional": false]],
            ["secretRef": ["name": "credentials"]],
        ],
        "env": [
            ["name": "PLAIN", "value": "text"],
            ["name": "EMPTY"],
            ["name": "IP", "valueFrom": ["fieldRef": ["apiVersion": "v1", "fieldPath": "status.podIP"]]],
            [
                "name": "CPU",
                "valueFrom": [
                    "resourceFieldRef": ["containerName": "plugin", "resource": "limits.cpu", "divisor": "1m"]
                ],
            ],
            ["name": "KEY", "valueFrom": ["configMapKeyRef": ["name": "settings", "key": "k", "optional": true]]],
            ["name": "TOKEN", "valueFrom": ["secretKeyRef": ["name": "credentials", "key": "token"]]],
            [
                "name": "FILE",
                "valueFrom": [
                    "fileKeyRef": ["volumeName": "v", "path": "settings.env", "key": "k", "optional": false]
                ],
            ],
        ],
        "resources": [
            "limits": ["cpu": "500m", "memory": "64Mi", "example.com/gpu": "1"],
            "requests": ["cpu": "250m", "memory": "32Mi"],
            "claims": [["name": "gpu", "request": "half"]],
        ],
        "resizePolicy": [["resourceName": "cpu", "restartPolicy": "NotRequired"]],
        "restartPolicy": "Always",
        "restartPolicyRules": [["action": "Restart", "exitCodes": ["operator": "In", "values": [0, 42]]]],
        "volumeMounts": [
            [
                "name": "work", "readOnly": true, "recursiveReadOnly": "IfPossible", "mountPath": "/workspace",
                "subPath": "workspace", "mountPropagation": "None", "bindMountOptions": ["noexec"],
            ],
            ["name": "tmp", "mountPath": "/tmp", "subPathExpr": "$(IP)"],
        ],
        "volumeDevices": [["name": "disk", "devicePath": "/dev/xvda"]],
        "livenessProbe": [
            "httpGet": [
                "path": "/healthz", "port": "rpc", "host": "localhost", "scheme": "HTTPS",
                "httpHeaders": [["name": "Accept", "value": "*/*"]],
            ],
            "initialDelaySeconds": 1, "timeoutSeconds": 2, "periodSeconds": 3, "successThreshold": 4,
            "failureThreshold": 5, "terminationGracePeriodSeconds": 0,
        ],
        "readinessProbe": ["grpc": ["port": 4355, "service": nil]],
        "startupProbe": ["exec": ["command": ["true"]]],
        "lifecycle": [
            "postStart": ["tcpSocket": ["port": 4355, "host": "localhost"]],
            "preStop": ["sleep": ["seconds": 0]],
            "stopSignal": "SIGUSR1",
        ],
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "imagePullPolicy": "IfNotPresent",
        "securityContext": [
            "capabilities": ["add": ["NET_BIND_SERVICE"], "drop": ["ALL"]],
            "privileged": false,
            "seLinuxOptions": ["user": "u", "role": "r", "type": "t", "level": "s0"],
            "windowsOptions": [
                "gmsaCredentialSpecName": "n", "gmsaCredentialSpec": "s", "runAsUserName": "u", "hostProcess": false,
            ],
            "runAsUser": 0,
            "runAsGroup": 1000,
            "runAsNonRoot": true,
            "readOnlyRootFilesystem": true,
            "allowPrivilegeEscalation": false,
            "procMount": "Default",
            "seccompProfile": ["type": "Localhost", "localhostProfile": "p.json"],
            "appArmorProfile": ["type": "RuntimeDefault"],
        ],
        "stdin": true,
        "stdinOnce": true,
        "tty": true,
    ]

    @Test func `a container with every field makes the round trip`() throws {
        let container = try strict.decode(Container.self, from: Self.full)
        #expect(try JSONValueEncoder().encode(container) == Self.full)
        #expect(container.env[3].valueFrom?.resourceFieldRef?.divisor.milliValue == 1)
        #expect(container.livenessProbe?.httpGet?.port == "rpc")
        #expect(container.livenessProbe?.terminationGracePeriodSeconds == 0)
        #expect(container.securityContext?.runAsUser == 0)
        #expect(container.terminationMessagePolicy == TerminationMessagePolicy.fallbackToLogsOnError)
        #expect(try container.resources.limits["memory"] == Quantity("64Mi"))
    }

    @Test func `an ephemeral container has the same fields and a target`() throws {
        var full = Self.full
        full["targetContainerName"] = "plugin"
        let container = try strict.decode(EphemeralContainer.self, from: full)
        #expect(container.targetContainerName == "plugin")
        #expect(try JSONValueEncoder().encode(container) == full)
    }

    @Test func `explicit defaults are left out`() throws {
        let container = try strict.decode(
            Container.self,
            from: [
                "name": "c", "image": "", "command": [], "args": nil, "ports": [], "env": [], "resources": nil,
                "volumeMounts": [], "stdin": false, "tty": false, "securityContext": nil, "imagePullPolicy": "",
            ]
        )
        #expect(try JSONValueEncoder().encode(container) == ["name": "c", "resources": [:]])
    }

    @Test func `an empty struct behind a pointer is kept`() throws {
        let json: JSONValue = [
            "name": "c", "resources": [:], "securityContext": [:], "lifecycle": [:], "livenessProbe": [:],
        ]
        let container = try strict.decode(Container.self, from: json)
        #expect(container.securityContext == SecurityContext())
        #expect(try JSONValueEncoder().encode(container) == json)
    }

    @Test func `members that Go requires are written although empty`() throws {
        var container = Container()
        container.ports = [ContainerPort()]
        container.env = [EnvVar()]
        container.volumeMounts = [VolumeMount()]
        container.volumeDevices = [VolumeDevice()]
        let json = try JSONValueEncoder().encode(container)
        #expect(json["ports"] == [["containerPort": 0]])
        #expect(json["env"] == [["name": ""]])
        #expect(json["volumeMounts"] == [["name": "", "mountPath": ""]])
        #expect(json["volumeDevices"] == [["name": "", "devicePath": ""]])
    }

    @Test func `a missing divisor is written as zero`() throws {
        let selector = try strict.decode(ResourceFieldSelector.self, from: ["resource": "limits.cpu"])
        #expect(try JSONValueEncoder().encode(selector) == ["resource": "limits.cpu", "divisor": "0"])
    }

    @Test func `amounts are written in canonical form`() throws {
        let requirements = try strict.decode(
            ResourceRequirements.self,
            from: ["limits": ["cpu": 0.5, "memory": "1024Mi", "pods": 2]]
        )
        let limits: JSONValue = ["cpu": "500m", "memory": "1Gi", "pods": "2"]
        #expect(try JSONValueEncoder().encode(requirements) == ["limits": limits])
    }

    @Test(
        arguments: [
            (["name": "c", "imagee": "x"], "imagee: unknown field"),
            (["name": "c", "ports": [[:], ["port": 1]]], "ports[1].port: unknown field"),
            (
                ["name": "c", "env": [["name": "A", "valueFrom": ["fieldRef": ["path": "x"]]]]],
                "env[0].valueFrom.fieldRef.path: unknown field"
            ),
            (["name": "c", "livenessProbe": ["httpget": [:]]], "livenessProbe.httpget: unknown field"),
            (["name": "c", "securityContext": ["fsGroup": 1]], "securityContext.fsGroup: unknown field"),
            (
                ["name": "c", "ports": [["containerPort": "http"]]],
                "ports[0].containerPort: must be an integer, not a string"
            ),
            (["name": "c", "env": [["name": "A", "value": 8080]]], "env[0].value: must be a string, not 8080"),
            (
                ["name": "c", "resources": ["limits": ["cpu": "1 core"]]],
                "resources.limits.cpu: \"1 core\" is not a quantity; "
                    + "write a number and, if need be, a suffix such as m, k, M, Ki or Mi"
            ),
        ] as [(JSONValue, String)]
    )
    func `an error names the nested field`(json: JSONValue, message: String) {
        let error = #expect(throws: FieldError.self) { try strict.decode(Container.self, from: json) }
        #expect(error?.description == message)
    }

    @Test func `numbers become strings where the decoder is told so`() throws {
        let decoder = JSONValueDecoder(unknownFields: .rejected, convertsScalarsToStrings: true)
        let container = try decoder.decode(
            Container.self,
            from: [
                "name": "c", "env": [["name": "PORT", "value": 8080]],
                "livenessProbe": ["tcpSocket": ["port": 8080]],
            ]
        )
        #expect(container.env.first?.value == "8080")
        #expect(container.livenessProbe?.tcpSocket?.port == 8080)
    }
}
