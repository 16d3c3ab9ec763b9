/// What a volume is made of.
enum VolumeContent: Sendable, Hashable {
    /// An empty directory that lives as long as the Pod.
    case emptyDirectory
    /// A directory with these files, which containers may only read.
    case files([VolumeFile])
    /// A directory or file of the machine.
    case host(path: String, type: String)
}

/// A file of a volume.
struct VolumeFile: Sendable, Hashable {
    /// Where in the volume.
    var path: String
    /// What is in it.
    var content: [UInt8]
    /// The permissions.
    var mode: UInt32
}
