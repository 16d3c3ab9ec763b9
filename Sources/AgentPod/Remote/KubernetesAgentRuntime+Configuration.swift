extension KubernetesAgentRuntime {
    /// How agents are run.
    public struct Configuration: Sendable {
        /// The image of the agent.
        public var image: String
        /// The key from which bearer tokens are derived.
        public var key: [UInt8]
        /// How long an agent may take to answer, from the making of its Pod.
        public var startTimeout: Duration
        /// How many Pods of a Promotion may be lost.
        public var maximumLosses: Int64

        /// Makes a configuration.
        public init(
            image: String,
            key: [UInt8],
            startTimeout: Duration = .seconds(600),
            maximumLosses: Int64 = 2
        ) {
            self.image = image
            self.key = key
            self.startTimeout = startTimeout
            self.maximumLosses = maximumLosses
        }
    }
}
