#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Error {
    /// What the system said, without Foundation's wrapping.
    var reason: String {
        guard let error = self as? CocoaError else { return String(describing: self) }
        switch error.code {
        case .fileReadNoSuchFile, .fileNoSuchFile: return "no such file or directory"
        case .fileReadNoPermission, .fileWriteNoPermission: return "permission denied"
        case .fileWriteOutOfSpace: return "no space left on the device"
        case .fileWriteVolumeReadOnly: return "read-only file system"
        default: return error.underlying.map(String.init(describing:)) ?? String(describing: error)
        }
    }
}
