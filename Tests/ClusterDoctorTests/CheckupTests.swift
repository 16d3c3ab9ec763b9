import KargoCore
import Testing

@testable import ClusterDoctor

@Suite("Checkup of a cluster")
struct CheckupTests {
    @Test func `finds nothing to say about what extended/deploy installs`() async throws {
        let report = try await Checkup(api: try Patient()).run()
        #expect(report.findings.filter { $0.state != .ok } == [])
        #expect(report.isReachable)
        #expect(Set(report.findings.map(\.check)) == [.server, .definition, .controller, .permission])
        #expect(report.findings.first == Finding(.ok, .server, "API server", "Kubernetes v1.31.2"))
    }

    @Test(
        arguments: [
            (["gitVersion": "v1.28.9"], "error", "is Kubernetes v1.28.9, but plugins need v1.29 or newer"),
            (["gitVersion": "v1.29.0"], "ok", "Kubernetes v1.29.0"),
            ([:], "warning", "says no version"),
        ] as [(JSONValue, String, String)]
    )
    func `looks at the version of the server`(version: JSONValue, state: String, message: String) async throws {
        let patient = try Patient()
        patient.put(version, at: "/version")
        let report = try await Checkup(api: patient).run()
        let finding = try #require(report.findings.first)
        #expect(finding.state.rawValue == state)
        #expect(finding.message.hasPrefix(message), "\(finding.message)")
        #expect(report.findings.count > 1)
    }

    @Test(arguments: [(401, "who are you"), (404, "has no /version"), (500, "out of order")])
    func `goes no further where a server answers with nothing useful`(status: Int, message: String) async throws {
        let patient = try Patient()
        patient.put(["message": .string(message)], at: "/version", status: status)
        let report = try await Checkup(api: patient).run()
        #expect(report.findings.map(\.summary) == ["error API server"])
        #expect(report.findings.first?.message.contains(message) == true)
        #expect(report.isReachable)
    }

    @Test func `goes on where only the version is kept secret`() async throws {
        let patient = try Patient()
        patient.forbid("/version")
        let report = try await Checkup(api: patient).run()
        #expect(report.count(.warning) == 1 && report.count(.error) == 0)
        #expect(report.findings.first?.summary == "warning API server")
    }

    @Test(arguments: ["/version", Patient.deployment, Patient.configMaps])
    func `says that the server can't be reached, whenever that happens`(path: String) async throws {
        let patient = try Patient()
        patient.vanish(at: path)
        let report = try await Checkup(api: patient).run()
        #expect(!report.isReachable)
        #expect(report.findings.filter { $0.state != .ok }.map(\.summary) == ["error API server"])
        #expect(report.findings.last?.message.hasPrefix("can't be reached: connection refused; ") == true)
    }

    @Test func `says which Projects could not be looked for`() async throws {
        let patient = try Patient()
        patient.forbid(Patient.projects)
        let report = try await Checkup(api: patient).run()
        #expect(report.findings.filter { $0.state != .ok }.map(\.summary) == ["warning Projects"])
        var checkup = Checkup(api: patient)
        checkup.projects = ["a"]
        #expect(try await checkup.run().findings.allSatisfy { $0.state == .ok })
    }

    /// How agents are reached, and what it is if they can't be through the API server.
    @Test(
        arguments: [("direct", nil), ("auto", "warning"), ("port-forward", "error"), (nil, "warning")]
            as [(String?, String?)]
    )
    func `asks for the way to agents that the controller goes`(connection: String?, state: String?) async throws {
        let patient = try Patient { $0[path: "resourceAttributes", "subresource"] != "portforward" }
        if let connection {
            try patient.change(Patient.deployment) { deployment in
                let containers = deployment[path: "spec", "template", "spec", "containers"]
                guard var container = containers?.arrayValue?.first else { return }
                container["env"] = .array(
                    (container["env"]?.arrayValue ?? [])
                        + [["name": "KARGO_AGENT_CONNECTION", "value": .string(connection)]]
                )
                deployment[path: "spec", "template", "spec", "containers"] = [container]
            }
        } else {
            patient.remove(Patient.deployment)
        }
        let findings = try await Checkup(api: patient).run().findings.filter { $0.check == .permission }
        let expected = state.map { ["\($0) Project demo, agents ClusterRole kargo-controller-project"] } ?? []
        #expect(findings.filter { $0.state != .ok }.map(\.summary) == expected)
    }

    @Test func `looks for the policies where it knows the account`() async throws {
        let patient = try Patient()
        var checkup = Checkup(api: patient)
        checkup.account = Account("system:serviceaccount:kargo:kargo-controller")
        #expect(try await checkup.run().findings.contains { $0.object == "ValidatingAdmissionPolicies" })
        // A local cluster has no Deployment, and no policies.
        patient.remove(Patient.deployment)
        #expect(try await !checkup.run().findings.contains { $0.object == "ValidatingAdmissionPolicies" })
    }

    // MARK: How it is printed

    private let report = CheckupReport(findings: [
        Finding(.ok, .server, "API server", "Kubernetes v1.31.2"),
        Finding(.error, .plugin, "ConfigMap a/b", field: "data[steps.yaml]", "is\nrequired"),
        Finding(.warning, .lease, "Lease x", "nobody leads"),
    ])

    @Test func `prints a line for each finding, and how many there are`() {
        #expect(
            report.text(.text) == """
                ok        server   API server      Kubernetes v1.31.2
                error     plugin   ConfigMap a/b   data[steps.yaml]: is required
                warning   lease    Lease x         nobody leads

                1 error, 1 warning

                """
        )
        #expect(CheckupReport().text(.text) == "\n0 errors, 0 warnings\n")
    }

    @Test(arguments: [CheckupReport.Format.json, .yaml])
    func `prints for programs`(format: CheckupReport.Format) throws {
        #expect(
            try JSONValue(yaml: report.text(format)) == [
                "reachable": true, "errors": 1, "warnings": 1,
                "findings": [
                    ["state": "ok", "check": "server", "object": "API server", "message": "Kubernetes v1.31.2"],
                    [
                        "state": "error", "check": "plugin", "object": "ConfigMap a/b", "field": "data[steps.yaml]",
                        "message": "is\nrequired",
                    ],
                    ["state": "warning", "check": "lease", "object": "Lease x", "message": "nobody leads"],
                ],
            ]
        )
    }
}
