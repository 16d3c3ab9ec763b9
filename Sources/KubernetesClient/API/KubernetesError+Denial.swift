extension KubernetesError {
    /// Whether the server refuses for good: asking again is of no use before somebody changes something.
    ///
    /// A quota may be free again in a moment, or known; only its message tells it from what is forbidden for good. A
    /// caller that is not known may be known again in a moment as well.
    public var isFinal: Bool {
        switch code {
        case .badRequest, .notFound, .invalid: true
        case .forbidden: !["exceeded quota", "status unknown for quota"].contains { message.contains($0) }
        default: false
        }
    }

    /// The message, and what to do where the controller lacks a permission in a Project; what policies forbid they
    /// explain themselves.
    ///
    /// - Parameter project: The Project.
    /// - Returns: The sentence.
    package func sentence(inProject project: String) -> String {
        guard code == .forbidden, message.contains(" cannot "), message.contains(" resource ") else { return message }
        return "\(message); apply extended/deploy/project in namespace \(project)"
    }
}
