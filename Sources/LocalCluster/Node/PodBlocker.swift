/// Why a Pod can't be started yet, or at all.
struct PodBlocker: Error, Sendable, Hashable, CustomStringConvertible {
    /// What has to happen before another attempt makes sense.
    enum Remedy: Sendable, Hashable {
        /// Nothing can help; the Pod has to be made anew.
        case none
        /// Something that the node will know of.
        case event
        /// Something that the node has to look for from time to time.
        case time
    }

    /// The container that is in the way; nil for the Pod as a whole.
    var container: String?
    /// The reason in one word.
    var reason: String
    /// The reason in a sentence.
    var message: String
    /// What may help.
    var remedy: Remedy

    /// The reason of a Pod that waits for a port.
    static let waitingForPort = "WaitingForPort"

    var description: String { message }

    /// A volume can't be made.
    static func volume(_ name: String, _ message: String, remedy: Remedy) -> PodBlocker {
        PodBlocker(
            container: nil,
            reason: ContainerReason.containerCreating,
            message: "volume \"\(name)\": \(message)",
            remedy: remedy
        )
    }

    /// Something that a container's configuration refers to is missing.
    static func configuration(of container: String, _ message: String, remedy: Remedy = .time) -> PodBlocker {
        PodBlocker(
            container: container,
            reason: ContainerReason.createContainerConfigError,
            message: message,
            remedy: remedy
        )
    }

    /// A port is taken.
    init(_ conflict: PortLeases.Conflict) {
        self.init(
            container: nil,
            reason: Self.waitingForPort,
            message: "\(conflict)",
            remedy: conflict.isOfThisNode ? .event : .time
        )
    }

    init(container: String?, reason: String, message: String, remedy: Remedy) {
        self.container = container
        self.reason = reason
        self.message = message
        self.remedy = remedy
    }
}
