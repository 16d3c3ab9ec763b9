import KargoCore
import KubernetesClient
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tokens in the volumes of Pods.
///
/// As with the kubelet, one is asked for anew when four fifths of its time are over, or a day.
final class PodTokens: Sendable {
    /// What a volume wants a token for, within its Pod.
    typealias Source = ServiceAccountTokenProjection

    private struct Entry {
        var token: String
        var renewal: Date
        var end: Date
    }

    /// How long it takes until what has failed is tried again.
    private static let pause = 60.0
    /// How long a token is asked for where the manifest does not say.
    private static let lifetime: Int64 = 3600

    private let api: any KubernetesAPI
    private let now: @Sendable () -> Date
    /// By the UID of the Pod.
    private let entries = Mutex<[String: [Source: Entry]]>([:])

    init(api: any KubernetesAPI, now: @escaping @Sendable () -> Date) {
        self.api = api
        self.now = now
    }

    /// A token that is worth something.
    ///
    /// - Returns: The token; nil where there is no such account.
    /// - Throws: `KubernetesError`.
    func token(for source: Source, of pod: Pod) async throws -> String? {
        let moment = now()
        let known = entries.withLock { $0[pod.metadata.uid]?[source] }
        if let known, moment < known.renewal { return known.token }
        do {
            let entry = try await request(source, of: pod, at: moment)
            entries.withLock { $0[pod.metadata.uid, default: [:]][source] = entry }
            return entry.token
        } catch let error as KubernetesError {
            if let known, moment < known.end {
                entries.withLock { $0[pod.metadata.uid]?[source]?.renewal = moment + Self.pause }
                return known.token
            }
            if error.code == .notFound { return nil }
            throw error
        }
    }

    /// When the first token of a Pod is due; nil where it has none.
    func renewal(ofPod uid: String) -> Date? {
        entries.withLock { $0[uid]?.values.map(\.renewal).min() }
    }

    /// Forgets a Pod.
    func forget(uid: String) { entries.withLock { $0[uid] = nil } }

    private func request(_ source: Source, of pod: Pod, at moment: Date) async throws -> Entry {
        let seconds = source.expirationSeconds ?? Self.lifetime
        let request: JSONValue = [
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": [
                "audiences": source.audience.isEmpty ? [] : [.string(source.audience)],
                "expirationSeconds": .int(seconds),
                "boundObjectRef": [
                    "apiVersion": "v1", "kind": "Pod", "name": .string(pod.metadata.name),
                    "uid": .string(pod.metadata.uid),
                ],
            ],
        ]
        let account = pod.spec.serviceAccountName
        let path = APIResource.serviceAccounts.path(
            namespace: pod.metadata.namespace,
            name: account.isEmpty ? "default" : account,
            subresource: "token"
        )
        let answer = try await api.object(APIRequest(.post, path, body: request.serialized()))
        guard let token = answer[path: "status", "token"]?.stringValue else {
            throw KubernetesError(.badResponse, "POST \(path) was answered without a token")
        }
        return Entry(
            token: token,
            renewal: moment + min(Double(seconds) * 0.8, 86_400),
            end: moment + Double(seconds)
        )
    }
}
