/// The directories in which a node keeps its Pods, one for each UID.
struct PodDirectories: Sendable {
    /// The name of the directory that holds them.
    static let name = "pods"

    /// Where the node keeps everything.
    let root: String

    /// The directory of a Pod.
    func path(uid: String) -> String { "\(root)/\(Self.name)/\(uid)" }

    /// Makes the directory of a Pod.
    func make(uid: String) throws {
        try FileSystem.makeDirectory(root, mode: 0o700)
        try FileSystem.makeDirectory("\(root)/\(Self.name)", mode: 0o700)
        try FileSystem.makeDirectory(path(uid: uid), mode: 0o700)
        try FileSystem.makeDirectory("\(path(uid: uid))/\(PodFile.root)")
    }

    /// The Pods that have a directory, and the UIDs of those whose record can't be read.
    func records() -> (records: [PodRecord], damaged: [String]) {
        var records: [PodRecord] = []
        var damaged: [String] = []
        for uid in FileSystem.entries(of: "\(root)/\(Self.name)") {
            do {
                guard let record = try StoredValue.read(PodRecord.self, from: "\(path(uid: uid))/\(PodFile.record)"),
                    record.uid == uid
                else {
                    damaged.append(uid)
                    continue
                }
                records.append(record)
            } catch {
                damaged.append(uid)
            }
        }
        return (records, damaged)
    }
}
