/// What comes through a WebSocket of `v4.channel.k8s.io` that forwards one port.
///
/// Each message begins with the number of a channel: 0 carries the bytes, 1 the words of an error. The first message on
/// each of them is the port, two bytes.
struct PortForwardReader {
    /// What a message means.
    enum Event: Equatable {
        /// Bytes that the Pod sent.
        case bytes([UInt8])
        /// Why the connection is over.
        case failure(String)
        /// Nothing for the client.
        case nothing
    }

    private var hasPort: [UInt8: Bool] = [:]
    private var channel: UInt8?

    /// Reads a message, or a further piece of one.
    ///
    /// - Parameters:
    ///   - payload: What came.
    ///   - isContinuation: Whether it goes on with the message before, without a channel of its own.
    /// - Returns: What it means.
    mutating func read(_ payload: [UInt8], isContinuation: Bool = false) -> Event {
        var payload = payload[...]
        if !isContinuation {
            channel = payload.popFirst()
            if let channel, hasPort.updateValue(true, forKey: channel) == nil { payload = payload.dropFirst(2) }
        }
        guard !payload.isEmpty else { return .nothing }
        switch channel {
        case 0: return .bytes(Array(payload))
        case 1: return .failure(String(decoding: payload, as: UTF8.self))
        default: return .nothing
        }
    }
}
