import KargoCore
import Testing

@testable import ClusterDoctor

@Suite("Checkup of admission policies")
struct AdmissionCheckTests {
    private static let path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
    private static let account = "system:serviceaccount:kargo:kargo-controller"

    private func findings(
        about account: String = Self.account,
        _ change: (inout [JSONValue]) -> Void = { _ in }
    ) async throws -> [Finding] {
        var policies = try Patient.documents("extended/deploy/admission-policy.yaml")
            .filter { $0["kind"] == "ValidatingAdmissionPolicy" }
        change(&policies)
        let patient = try Patient()
        patient.put(["metadata": ["resourceVersion": "1"], "items": .array(policies)], at: Self.path)
        return try await AdmissionCheck(api: patient, account: account).findings()
    }

    @Test func `is content with those of extended/deploy, all of which it knows`() async throws {
        #expect(try await findings().map(\.summary) == ["ok ValidatingAdmissionPolicies"])
        let shipped = try Patient.documents("extended/deploy/admission-policy.yaml")
            .filter { $0["kind"] == "ValidatingAdmissionPolicy" }
            .compactMap { $0[path: "metadata", "name"]?.stringValue }
        #expect(shipped.sorted() == AdmissionCheck.names)
    }

    @Test func `names those that are missing`() async throws {
        let findings = try await findings { $0.removeAll { $0[path: "metadata", "name"] == "kargo-controller-pods" } }
        #expect(findings.map(\.summary) == ["warning ValidatingAdmissionPolicy kargo-controller-pods"])
    }

    @Test func `sees that another account is named`() async throws {
        let findings = try await findings(about: "system:serviceaccount:other:kargo-controller")
        #expect(findings.count == AdmissionCheck.names.count)
        #expect(findings.allSatisfy { $0.state == .warning && $0.field == "spec.matchConditions" })
    }

    @Test func `sees that a server has none, or does not tell`() async throws {
        let patient = try Patient()
        let check = AdmissionCheck(api: patient, account: Self.account)
        #expect(try await check.findings().first?.message.hasSuffix("upgrade to Kubernetes 1.30") == true)
        patient.forbid(Self.path)
        #expect(try await check.findings().map(\.summary) == ["warning ValidatingAdmissionPolicies"])
    }
}
