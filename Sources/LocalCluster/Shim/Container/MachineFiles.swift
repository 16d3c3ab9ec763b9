/// The files of this machine.
struct MachineFiles: HostFiles {
    func kind(of path: String) -> FileKind? { FileSystem.kind(of: path) }
    func entries(of directory: String) -> [String] { FileSystem.entries(of: directory) }
}
