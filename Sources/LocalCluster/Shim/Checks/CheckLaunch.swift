#if os(Linux)
import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What the process of a check does: exits with 0 where the check succeeds, and says why it does not.
enum CheckLaunch {
    /// Makes a check of a container of the Pod whose directory is the present one.
    ///
    /// - Parameter arguments: The number of the container in the spec, the kind of check, the process that stands for
    ///   the container, and that of the shim.
    static func main(_ arguments: [String]) -> Never {
        do {
            guard arguments.count == 4, let kind = CheckKind(rawValue: arguments[1]),
                let process = Int32(arguments[2]),
                let spec = try StoredValue.read(ShimSpec.self, from: PodFile.spec),
                let launch = try ContainerLaunch(spec, arguments[0], shim: arguments[3]),
                let action = launch.plan.checks.action(kind)
            else { throw LaunchFailure(stage: .creation, message: "the arguments are not those that a shim gives") }
            switch action {
            case .exec(let command):
                let runtime = spec.runtime.make(pod: launch.podDirectory)
                throw try runtime.exec(command, in: launch, process: process)
            case .http(let check): try HTTPProbe(check).run()
            case .tcp(let host, let port): _ = try ProbeConnection(host: host, port: port)
            case .sleep(let seconds): sleep(UInt32(clamping: seconds))
            }
            _exit(0)
        } catch {
            say("\(error)")
            _exit(1)
        }
    }

    private static func say(_ sentence: String) {
        do {
            try Descriptor(dup(1)).write(Array("\(sentence)\n".utf8))
        } catch {
            // Nobody listens.
            return
        }
    }
}

/// A connection that a check makes; whoever waits for the check limits its time.
struct ProbeConnection {
    let socket: Descriptor

    init(host: String, port: UInt16) throws {
        var hints = addrinfo()
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else {
            throw LaunchFailure(stage: .start, message: "dial tcp \(host):\(port): no such host")
        }
        defer { freeaddrinfo(list) }
        var last = SystemError(code: ECONNREFUSED, action: "connect to \(host):\(port)")
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            do throws(SystemError) {
                let socket = Descriptor(
                    try SystemError.check("make a socket") {
                        makeSocket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
                    }
                )
                try SystemError.check("connect to \(host):\(port)") {
                    connect(socket.number, entry.ai_addr, entry.ai_addrlen)
                }
                self.socket = socket
                return
            } catch {
                last = error
            }
        }
        throw last
    }
}

private func makeSocket(_ family: Int32, _ type: Int32, _ number: Int32) -> Int32 { socket(family, type, number) }

/// The HTTP request of a check.
struct HTTPProbe {
    private let check: HTTPCheck

    init(_ check: HTTPCheck) { self.check = check }

    /// The bytes of the request.
    var request: [UInt8] {
        var lines = ["GET \(check.path) HTTP/1.1"]
        let names = Set(check.headers.map { $0.name.lowercased() })
        if !names.contains("host") { lines.append("Host: \(check.host):\(check.port)") }
        if !names.contains("user-agent") { lines.append("User-Agent: kube-probe/1.32") }
        if !names.contains("accept") { lines.append("Accept: */*") }
        lines += check.headers.filter { !$0.value.isEmpty }.map { "\($0.name): \($0.value)" }
        lines.append("Connection: close")
        return Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
    }

    /// The status of an answer; nil where its first line is none of HTTP.
    static func status(_ answer: [UInt8]) -> Int? {
        let line = String(
            decoding: answer.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") },
            as: UTF8.self
        )
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3 else { return nil }
        return Int(words[1])
    }

    /// Asks and throws unless the answer is a success.
    func run() throws {
        let connection = try ProbeConnection(host: check.host, port: check.port)
        try connection.socket.write(request)
        var answer: [UInt8] = []
        while !answer.contains(UInt8(ascii: "\n")), answer.count < 4096 {
            guard case .bytes(let bytes) = try connection.socket.read(upTo: 4096) else { break }
            answer += bytes
        }
        guard let status = Self.status(answer) else {
            throw LaunchFailure(stage: .start, message: "the answer is not HTTP")
        }
        guard (200..<400).contains(status) else {
            throw LaunchFailure(stage: .start, message: "HTTP probe failed with statuscode: \(status)")
        }
    }
}
#endif
