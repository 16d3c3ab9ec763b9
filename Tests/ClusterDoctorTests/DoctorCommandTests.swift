import ArgumentParser
import ClusterDoctor
import Testing

@Suite("kargo doctor: the command line")
struct DoctorCommandTests {
    @Test(arguments: ["-o table", "--as system:serviceaccount:a", "x", "--as="])
    func `is refused with exit code 64 where it makes no sense`(line: String) {
        let error = #expect(throws: (any Error).self) {
            try DoctorCommand.parse(line.split(separator: " ").map(String.init))
        }
        #expect(error.map { DoctorCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test(
        arguments: [
            "", "--as system:serviceaccount:kargo:c -o json", "--as alice -p a -p b -o yaml",
            "--controller-namespace k --pod-policy f --kubeconfig k --context c",
        ]
    )
    func `is understood`(line: String) throws {
        _ = try DoctorCommand.parse(line.split(separator: " ").map(String.init))
    }
}
