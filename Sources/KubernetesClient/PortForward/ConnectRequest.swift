#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The request by which a client of ``PortForwardProxy`` names the Pod that it wants: `CONNECT POD.NAMESPACE.pod:PORT`.
struct ConnectRequest: Hashable {
    /// What ends the name of a Pod, so that no other name is taken for one.
    static let suffix = ".pod"

    var pod: String
    var namespace: String
    var port: Int

    /// Reads the head of a request; nil for any other request, and for one without the token.
    ///
    /// - Parameters:
    ///   - head: The head, all lines of it.
    ///   - token: What the client has to show as its password.
    init?(_ head: String, token: String) {
        var lines = head.split(separator: "\r\n")
        guard !lines.isEmpty else { return nil }
        let words = lines.removeFirst().split(separator: " ")
        guard words.count == 3, words[0] == "CONNECT", let colon = words[1].lastIndex(of: ":"),
            let port = Int(words[1][words[1].index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        let host = words[1][..<colon]
        guard host.hasSuffix(Self.suffix) else { return nil }
        let names = host.dropLast(Self.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        // A Pod's name may have dots; that of a namespace has none.
        guard names.count >= 2, names.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNameCharacter) }),
            Self.password(lines) == token
        else { return nil }
        pod = names.dropLast().joined(separator: ".")
        namespace = String(names[names.count - 1])
        self.port = port
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        ("a"..."z").contains(character) || ("0"..."9").contains(character) || character == "-"
    }

    private static func password(_ headers: [Substring]) -> String? {
        let prefix = "proxy-authorization: basic "
        guard let header = headers.first(where: { $0.lowercased().hasPrefix(prefix) }),
            let data = Data(base64Encoded: String(header.dropFirst(prefix.count)))
        else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        return text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).last.map(String.init)
    }
}
