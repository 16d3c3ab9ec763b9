import KargoCore
import Testing

@Suite("Capabilities of steps")
struct StepCapabilitiesTests {
    private struct Operator: GitIdentity, CredentialsDatabase {
        func gitUser() -> GitUser { GitUser(name: "Ops", email: "ops@example.com", signingKey: "KEY") }

        func credentials(_ type: CredentialType, for url: String, project: String) -> RepositoryCredentials? {
            RepositoryCredentials(username: "shared", password: "secret")
        }
    }

    @Test func `are a Project's own without the operator's secrets`() async throws {
        let all = StepCapabilities(credentials: Operator(), gitIdentity: Operator())
        let own = all.projectOnly(credentials: NoCredentials())
        #expect(try await own.gitIdentity?.gitUser() == GitUser(name: "Ops", email: "ops@example.com"))
        #expect(try await own.credentials.credentials(.git, for: "https://h/p", project: "demo") == nil)
        #expect(try await all.gitIdentity?.gitUser().signingKey == "KEY")
    }
}
