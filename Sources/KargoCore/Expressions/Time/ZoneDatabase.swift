import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The machine's time zones, each read when it is first asked for.
enum ZoneDatabase {
    private static let known = Mutex<[String: GoLocation]>([:])

    /// Where Go looks, after the folder that the environment names.
    private static let folders: [String] = {
        let named = ProcessInfo.processInfo.environment["TZDIR"].map { [$0] } ?? []
        return named + ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"]
    }()

    /// The machine's own zone: what `TZ` says, else what the system is set to, else UTC.
    static let local: GoLocation = {
        if let name = ProcessInfo.processInfo.environment["TZ"] {
            let name = name.hasPrefix(":") ? String(name.dropFirst()) : name
            return name == "Local" ? .utc : (try? location(named: name)) ?? .utc
        }
        guard let rules = rules(at: "/etc/localtime") else { return .utc }
        return GoLocation(name: "Local", rules: rules)
    }()

    static func location(named name: String) throws(ValueError) -> GoLocation {
        switch name {
        case "", "UTC": return .utc
        case "Local": return local
        default: break
        }
        if let location = known.withLock({ $0[name] }) { return location }
        // As in Go, a name can't lead out of the folders.
        let isInside = !name.hasPrefix("/") && !name.contains("\\") && !name.contains("..") && !name.contains("\0")
        guard isInside, let rules = folders.lazy.compactMap({ rules(at: $0 + "/" + name) }).first else {
            throw ValueError(
                message: "there is no time zone of this name here; it must be one of the IANA database, such as "
                    + "Europe/Berlin, and its file in TZDIR or in /usr/share/zoneinfo (package tzdata)"
            )
        }
        let location = GoLocation(name: name, rules: rules)
        known.withLock { $0[name] = location }
        return location
    }

    private static func rules(at path: String) -> ZoneRules? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return ZoneFile.rules(of: Array(data))
    }
}
