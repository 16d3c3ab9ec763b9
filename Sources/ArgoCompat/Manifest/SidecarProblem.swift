public import KargoCore

/// Something in the container of a plugin for which an agent Pod has no place, unless a policy permits it.
public struct SidecarProblem: Sendable, Hashable, CustomStringConvertible {
    /// What a controller's policy may permit.
    public enum Permission: Sendable, Hashable {
        /// To be root, or to become it.
        case root
        /// To have a capability that containers do not have anyway; `ALL` for every one.
        case capability(String)
        /// To read Secrets of the Project.
        case secrets
    }

    /// The field, from where the check began.
    public var path: FieldPath
    /// What is wrong with it and what to do, in lower case and without a full stop.
    public var message: String
    /// What makes it right; nil if nothing does.
    public var permission: Permission?

    /// The field and the message.
    public var description: String { "\(path): \(message)" }
}

extension StepPlugin {
    /// What controllers with the strictest policy would refuse, in the order of the container's fields.
    ///
    /// A sidecar may have nothing that reaches beyond its own container: privileges, the node, the volumes of the
    /// others or what the agent has already.
    ///
    /// - Parameter path: What the paths of the problems begin with.
    /// - Returns: The problems; none for a container that may run.
    public func sidecarProblems(at path: FieldPath = FieldPath([])) -> [SidecarProblem] {
        var inspection = SidecarInspection(root: path)
        inspection.inspect(spec.sidecar.container)
        return inspection.problems
    }
}
