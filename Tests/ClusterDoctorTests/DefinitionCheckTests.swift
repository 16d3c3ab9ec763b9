import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@testable import ClusterDoctor

@Suite("Checkup of definitions")
struct DefinitionCheckTests {
    private static let promotions = "CustomResourceDefinition promotions.kargo.akuity.io"
    private static let path = Patient.definition("promotions.kargo.akuity.io")

    /// What is found wrong with the definition of Promotions when it is changed.
    private func finding(_ change: (inout JSONValue) -> Void) async throws -> Finding {
        let patient = try Patient()
        try patient.change(Self.path, change)
        let findings = try await DefinitionCheck(api: patient).findings().filter { $0.state != .ok }
        #expect(findings.count == 1)
        return try #require(findings.first)
    }

    /// Changes the version of a definition.
    private func changed(_ body: @escaping (inout JSONValue) -> Void) -> (inout JSONValue) -> Void {
        { definition in
            guard var version = definition[path: "spec", "versions"]?.arrayValue?.first else { return }
            body(&version)
            definition[path: "spec", "versions"] = [version]
        }
    }

    @Test func `is content with those of this release`() async throws {
        let findings = try await DefinitionCheck(api: try Patient()).findings()
        #expect(findings.count == 8)
        #expect(findings.allSatisfy { $0.state == .ok && $0.message == "serves v1alpha1" })
    }

    @Test func `misses each of those that the controller needs, and warns of those that help`() async throws {
        for resource in DefinitionCheck.needed + DefinitionCheck.useful {
            let patient = try Patient()
            let name = "\(resource.plural).kargo.akuity.io"
            patient.remove(Patient.definition(name))
            let findings = try await DefinitionCheck(api: patient).findings().filter { $0.state != .ok }
            let state = DefinitionCheck.needed.contains(resource) ? "error" : "warning"
            #expect(findings.map(\.summary) == ["\(state) CustomResourceDefinition \(name)"])
            #expect(findings.first?.message.hasPrefix("is not there") == true)
            #expect(findings.first?.message.hasSuffix(Checkup.installation) == true)
        }
    }

    @Test func `says why one is not established`() async throws {
        let finding = try await finding { definition in
            definition["status"] = [
                "conditions": [
                    ["type": "Established", "status": "False", "message": "not all names are accepted"],
                    ["type": "NamesAccepted", "status": "False", "message": "promotions is taken"],
                ]
            ]
        }
        #expect(finding.summary == "error \(Self.promotions) status.conditions")
        #expect(finding.message.hasPrefix("is not established: promotions is taken; "))
        let silent = try await self.finding { $0["status"] = nil }
        #expect(silent.message.hasPrefix("is not established; "))
    }

    @Test func `needs the version, the scope and the status`() async throws {
        let scope = try await finding { $0[path: "spec", "scope"] = "Cluster" }
        #expect(scope.summary == "error \(Self.promotions) spec.scope")
        #expect(scope.message.hasPrefix("is not Namespaced; "))
        for change in [changed { $0["name"] = "v1" }, changed { $0["served"] = false }] {
            let version = try await finding(change)
            #expect(version.summary == "error \(Self.promotions) spec.versions")
            #expect(version.message.hasPrefix("does not serve v1alpha1; "))
        }
        let status = try await finding(changed { $0["subresources"] = nil })
        #expect(status.message.hasPrefix("has no subresource status in v1alpha1; "))
    }

    @Test func `warns of fields that the server would drop`() async throws {
        let finding = try await finding(
            changed { $0[path: "schema", "openAPIV3Schema", "properties", "status", "properties"] = [:] }
        )
        #expect(finding.summary == "warning \(Self.promotions)")
        #expect(finding.message.contains("status.currentStep is missing, "))
        let more = #/ and \d+ more; apply /#
        #expect(finding.message.contains(more))
    }

    @Test func `takes a definition for good that knows more`() async throws {
        let patient = try Patient()
        try patient.change(
            Self.path,
            changed { version in
                version[path: "schema", "openAPIV3Schema", "properties", "spec", "properties", "more"] = [
                    "type": "string"
                ]
            }
        )
        #expect(try await DefinitionCheck(api: patient).findings().allSatisfy { $0.state == .ok })
    }

    @Test func `says which may not be read`() async throws {
        let patient = try Patient()
        patient.forbid(Self.path)
        let findings = try await DefinitionCheck(api: patient).findings().filter { $0.state != .ok }
        #expect(findings.map(\.summary) == ["warning \(Self.promotions)"])
        #expect(findings.first?.message.hasSuffix("is forbidden; ask as somebody who may read it") == true)
    }

    @Test(
        arguments: [
            ("{type: object}", "{type: string}", ["a is of type object in place of string"]),
            ("{enum: [x]}", "{enum: [x, z]}", [#"a may not be "z""#]), ("{}", "{enum: [x]}", []),
            ("{enum: [x, z]}", "{enum: [x]}", []),
            (
                "{type: array, items: {properties: {b: {}}}}", "{type: array, items: {properties: {c: {}}}}",
                ["a[0].c is missing"]
            ),
            ("{x-kubernetes-preserve-unknown-fields: true}", "{type: object, properties: {b: {}}}", []),
            ("{additionalProperties: {type: string}}", "{properties: {b: {type: string}}}", []),
            (
                "{additionalProperties: {type: string}}", "{additionalProperties: {type: integer}}",
                ["a[*] is of type string in place of integer"]
            ),
            ("{properties: {b: {}}}", "{additionalProperties: {type: integer}}", ["a takes no keys"]),
            ("{additionalProperties: false}", "{additionalProperties: true}", ["a takes no keys"]),
        ]
    )
    func `compares schemas`(live: String, shipped: String, differences: [String]) throws {
        func schema(_ text: String) throws -> JSONValue { ["properties": ["a": try JSONValue(yaml: text)]] }
        let comparison = SchemaComparison(of: try schema(live), with: try schema(shipped))
        #expect(comparison.differences == differences)
    }
}
