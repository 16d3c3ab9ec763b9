#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a file is.
struct FileStatus: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case file
        case directory
        case link
        /// A device, a pipe or a socket.
        case special

        /// What the type of a directory's entry says; nil if that is nothing, as in some file systems.
        init?(entryType: UInt8) {
            switch Int(entryType) {
            case Int(DT_REG): self = .file
            case Int(DT_DIR): self = .directory
            case Int(DT_LNK): self = .link
            case Int(DT_UNKNOWN): return nil
            default: self = .special
            }
        }
    }

    /// Tells a file from every other one.
    struct Identity: Sendable, Hashable {
        let device: UInt64
        let number: UInt64
    }

    let kind: Kind
    /// The permissions with the bits for set-UID, set-GID and sticky.
    let permissions: UInt32
    let owner: UInt32
    let group: UInt32
    /// When the content was changed, in seconds since 1970.
    let modified: Int64
    let size: Int64
    let identity: Identity

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .special
            }
        permissions = UInt32(status.st_mode) & 0o7777
        owner = status.st_uid
        group = status.st_gid
        #if os(Linux)
        modified = Int64(status.st_mtim.tv_sec)
        #else
        modified = Int64(status.st_mtimespec.tv_sec)
        #endif
        size = Int64(status.st_size)
        identity = Identity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            number: UInt64(truncatingIfNeeded: status.st_ino)
        )
    }
}
