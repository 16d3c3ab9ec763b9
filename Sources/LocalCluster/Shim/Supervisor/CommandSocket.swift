#if os(Linux)
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The socket over which a shim takes commands and tells its state.
final class CommandSocket {
    /// Somebody who is connected.
    final class Client {
        let descriptor: Descriptor
        fileprivate var inbox = LineBuffer()
        fileprivate var outbox: [UInt8] = []
        /// A state that replaces those which the client was too slow for.
        fileprivate var nextState: [UInt8]?
        fileprivate var isSubscribed = false

        fileprivate init(_ descriptor: Descriptor) {
            self.descriptor = descriptor
        }

        /// Whether there is something that it has not taken yet.
        var isBehind: Bool { !outbox.isEmpty }
    }

    /// The socket that listens.
    let listener: Descriptor
    private(set) var clients: [Client] = []
    private var state: [UInt8] = []

    init(listener: Descriptor) throws {
        self.listener = listener
        try listener.stopWaiting()
    }

    /// Takes in everybody who wants to be connected.
    func acceptClients() {
        while true {
            let number = accept(listener.number, nil, nil)
            if number < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            let descriptor = Descriptor(number)
            do {
                try descriptor.stopWaiting()
                clients.append(Client(descriptor))
            } catch {
                Diagnostics.report("a connection was refused: \(error)")
            }
        }
    }

    /// Reads the commands of a client.
    func commands(of client: Client) -> [ShimCommand] {
        var commands: [ShimCommand] = []
        do {
            while true {
                guard case .bytes(let bytes) = try client.descriptor.read(upTo: 65_536) else {
                    // The end is told by poll(2) as well, after everything that was sent before it.
                    return commands
                }
                guard let lines = client.inbox.feed(bytes) else {
                    drop(client)
                    return commands
                }
                for line in lines {
                    let command = try StoredValue.decode(ShimCommand.self, from: line)
                    if command == .subscribe {
                        client.isSubscribed = true
                        tell(client, state)
                    } else {
                        commands.append(command)
                    }
                }
            }
        } catch {
            Diagnostics.report("a connection was closed: \(error)")
            drop(client)
            return commands
        }
    }

    /// Tells all who want to know.
    func publish(_ state: [UInt8]) {
        self.state = state
        for client in clients where client.isSubscribed { tell(client, state) }
    }

    /// Goes on sending to a client.
    func flush(_ client: Client) {
        while !client.outbox.isEmpty {
            let sent = client.outbox.withUnsafeBytes { buffer in
                send(client.descriptor.number, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 {
                if errno == EINTR { continue }
                if errno != EAGAIN { drop(client) }
                return
            }
            client.outbox.removeFirst(sent)
            if client.outbox.isEmpty, let next = client.nextState {
                client.nextState = nil
                client.outbox = next
            }
        }
    }

    /// Forgets a client.
    func drop(_ client: Client) {
        clients.removeAll { $0 === client }
    }

    private func tell(_ client: Client, _ state: [UInt8]) {
        let line = state + [UInt8(ascii: "\n")]
        if client.outbox.isEmpty {
            client.outbox = line
            flush(client)
        } else {
            client.nextState = line
        }
    }
}
#endif
