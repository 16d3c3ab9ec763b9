import KargoCore
public import KubernetesClient
public import Logging

extension ControllerSettings {
    /// How several replicas of a controller agree on who works.
    public struct Election: Sendable, Hashable {
        /// The namespace of the Lease: `KARGO_NAMESPACE`.
        public let namespace: String
        /// The name of the Lease, another one for each shard.
        public let leaseName: String
        /// The name of this replica, if it has one: `POD_NAME`.
        private let replica: String

        /// Reads an environment; nil unless `KARGO_LEADER_ELECTION` is true.
        init?(_ reader: Reader) throws(Failure) {
            guard try reader.flag("KARGO_LEADER_ELECTION") ?? false else { return nil }
            namespace = reader.text("KARGO_NAMESPACE") ?? "kargo"
            replica = reader.text("POD_NAME") ?? reader.text("HOSTNAME") ?? "kargo-controller"
            guard let shard = reader.text("SHARD_NAME") else {
                leaseName = KargoAPI.leaderLease
                return
            }
            guard Self.isName(shard) else {
                throw reader.failure(
                    "SHARD_NAME",
                    shard,
                    "lowercase letters, digits, - and . where KARGO_LEADER_ELECTION is set, for a Lease has it in its name"
                )
            }
            leaseName = "\(KargoAPI.leaderLease)-\(shard)"
        }

        /// Whether it may stand in the name of an object.
        private static func isName(_ text: String) -> Bool {
            let isPlain = text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
            let isBounded = [text.first, text.last].allSatisfy { $0 != "-" && $0 != "." }
            return isPlain && isBounded && !text.contains("..") && !text.contains(".-") && !text.contains("-.")
        }

        /// The election, in which this process has a name that no other one has.
        public func election(api: any KubernetesAPI, logger: Logger) -> LeaderElection {
            LeaderElection(
                api: api,
                namespace: namespace,
                name: leaseName,
                identity: "\(replica)_\(String(UInt64.random(in: .min ... .max), radix: 36))",
                logger: logger
            )
        }
    }
}
