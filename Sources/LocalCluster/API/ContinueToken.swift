import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a list that is read in pieces goes on; clients pass it around without looking into it.
struct ContinueToken: Sendable, Hashable {
    /// The version that all pieces show; nil for a rest that shows the present.
    var version: UInt64?
    /// The last object of the piece before.
    var after: ObjectKey

    init(version: UInt64?, after: ObjectKey) {
        self.version = version
        self.after = after
    }

    /// Reads a token; nil if it is none of this server's.
    init?(_ text: String) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), let value = try? JSONValue(parsing: Array(data)),
            let version = value["rv"]?.intValue, let namespace = value["namespace"]?.stringValue,
            let name = value["name"]?.stringValue
        else { return nil }
        self.version = UInt64(exactly: version)
        after = ObjectKey(namespace: namespace, name: name)
    }

    /// The token as it stands in answers and queries.
    var text: String {
        let value: JSONValue = [
            "rv": .int(version.flatMap(Int64.init(exactly:)) ?? -1), "namespace": .string(after.namespace),
            "name": .string(after.name),
        ]
        return Data(value.serialized(.sortedKeys)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
