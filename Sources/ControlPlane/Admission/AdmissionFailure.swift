import KargoCore
import KubernetesClient

/// Refusals of writes, in the words of the API.
enum AdmissionFailure {
    static func invalid(_ name: String, _ path: FieldPath, _ message: String) -> KubernetesError {
        KubernetesError(.invalid, "\"\(name)\" is invalid: \(path): \(message)")
    }

    static func forbidden(_ name: String, _ message: String) -> KubernetesError {
        KubernetesError(.forbidden, "\"\(name)\" is forbidden: \(message)")
    }
}
