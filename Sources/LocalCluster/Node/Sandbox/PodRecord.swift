import KargoCore

/// What the node keeps of a Pod besides the API's object, in a file of the Pod's directory.
struct PodRecord: Sendable, Hashable, Codable {
    /// The Pod's namespace.
    var namespace: String
    /// Its name.
    var name: String
    /// Its UID.
    var uid: String
    /// Its address, once it has one.
    var address: String?
    /// The ports that its containers listen on.
    var demand = PortDemand()
    /// The shim that runs it, or ran it last.
    var shim: ProcessIdentity?
    /// Whether it was ended together with the cluster, to go on with it.
    var isSuspended = false
    /// How often its shim was lost.
    var losses = 0
    /// When its first shim was started.
    var firstStart: KubernetesMicroTime?
    /// The number of the last thing that its shim has noted and an Event tells of.
    var lastNote: Int?

    /// Which Pod it is.
    var key: PodKey { PodKey(namespace: namespace, name: name, uid: uid) }
}

/// A Pod, told apart from others that had the name before.
struct PodKey: Sendable, Hashable, CustomStringConvertible {
    /// The namespace.
    var namespace: String
    /// The name.
    var name: String
    /// The UID.
    var uid: String

    /// `NAMESPACE/NAME`.
    var description: String { "\(namespace)/\(name)" }
}
