#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The part of a volume that a container mounts.
enum VolumePath {
    /// The directory or file of the host that is a part of a volume; directories that are not there are made, with the
    /// permissions of the volume, as the kubelet does.
    ///
    /// - Throws: ``LaunchFailure`` for a part that is not in the volume, also where a link leads out of it.
    static func resolve(_ request: MountRequest) throws -> String {
        guard !request.subPath.isEmpty else { return request.volume }
        let parts = request.subPath.split(separator: "/").filter { $0 != "." }
        guard !request.subPath.hasPrefix("/"), !parts.contains("..") else {
            throw LaunchFailure(
                stage: .creation,
                message: "subPath \"\(request.subPath)\" of the mount at \(request.path) leaves the volume; "
                    + "write a relative path without \"..\""
            )
        }
        guard case .directory(let mode) = FileSystem.kind(of: request.volume) else {
            throw LaunchFailure(
                stage: .creation,
                message: "the volume mounted at \(request.path) is a file, so it has no subPath \"\(request.subPath)\""
            )
        }
        let volume = try FileSystem.realPath(request.volume)
        var path = volume
        for part in parts {
            let next = "\(path)/\(part)"
            if FileSystem.kind(of: next) == nil { try FileSystem.makeDirectory(next, mode: mode_t(mode)) }
            path = try FileSystem.realPath(next)
            guard path == volume || path.hasPrefix(volume + "/") else {
                throw LaunchFailure(
                    stage: .creation,
                    message: "subPath \"\(request.subPath)\" of the mount at \(request.path) follows a link out of "
                        + "the volume"
                )
            }
        }
        return path
    }
}
