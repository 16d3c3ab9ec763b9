extension KubernetesAgentRuntime {
    /// How agents are run.
    public struct Configuration: Sendable {
        /// What makes Pods.
        public var template: AgentPodTemplate
        /// The keys from which bearer tokens are derived.
        public var keys: AgentKeys
        /// How long an agent may take to answer, from the making of its Pod.
        public var startTimeout: Duration
        /// How many Pods of a Promotion may be lost.
        public var maximumLosses: Int64
        /// How agents are reached.
        public var routing: AgentRouting

        /// Makes a configuration.
        public init(
            template: AgentPodTemplate,
            keys: AgentKeys,
            routing: AgentRouting = .direct,
            startTimeout: Duration = .seconds(600),
            maximumLosses: Int64 = 2
        ) {
            self.template = template
            self.keys = keys
            self.routing = routing
            self.startTimeout = startTimeout
            self.maximumLosses = maximumLosses
        }
    }
}
