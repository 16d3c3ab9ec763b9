import KargoCore
import KubernetesClient

/// What comes of reading something from a cluster that is looked at.
enum Examination<Value> {
    case found(Value)
    case missing
    /// The server would not say.
    case refused(Finding)

    /// Reads.
    ///
    /// - Throws: `KubernetesError` where no server answers; what else the body throws.
    init(_ check: Finding.Check, _ object: String, _ body: () async throws -> Value) async throws {
        do {
            self = .found(try await body())
        } catch let error as KubernetesError where error.code == .notFound {
            self = .missing
        } catch let error as KubernetesError where error.code == .forbidden {
            self = .refused(
                Finding(.warning, check, object, "can't be looked at: \(error); ask as somebody who may read it")
            )
        } catch let error as KubernetesError where error.code != .unreachable {
            self = .refused(Finding(.error, check, object, "can't be looked at: \(error)"))
        }
    }
}
