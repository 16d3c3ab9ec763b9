import NIOCore

/// What the first bytes of a connection ask for.
enum FirstRequest: Equatable {
    /// It can't be told yet.
    case undecided
    /// A request like any other.
    case plain
    /// A WebSocket that forwards a port of a Pod.
    case portForward

    private static let longestHead = 64 * 1024

    /// Reads the first bytes.
    init(_ bytes: ByteBufferView) {
        let text = String(decoding: bytes, as: UTF8.self)
        let line = text.prefix { !$0.isNewline }
        let isWhole = line.utf8.count < bytes.count
        guard isWhole || bytes.count >= Self.longestHead else {
            // A method that is another one is enough.
            self = "GET ".hasPrefix(text.prefix(4)) ? .undecided : .plain
            return
        }
        let words = line.split(separator: " ")
        let path = words.count > 1 ? words[1].prefix { $0 != "?" } : ""
        guard words.first == "GET", path.hasSuffix("/portforward") else {
            self = .plain
            return
        }
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            self = bytes.count < Self.longestHead ? .undecided : .plain
            return
        }
        let headers = text[..<end.lowerBound].lowercased().split(separator: "\r\n").dropFirst()
        let isUpgrade = headers.contains { header in
            header.hasPrefix("upgrade:") && header.dropFirst("upgrade:".count).contains("websocket")
        }
        self = isUpgrade ? .portForward : .plain
    }
}
