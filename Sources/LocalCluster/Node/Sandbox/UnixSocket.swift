#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Unix sockets in directories of any length.
///
/// The path of a socket may have some hundred bytes only, and a Pod's directory alone may be longer.
enum UnixSocket {
    /// Begins to listen; what had the name before is gone.
    static func listen(at name: String, in directory: String) throws -> Descriptor {
        try FileSystem.remove("\(directory)/\(name)")
        let socket = try make()
        try withAddress(of: name, in: directory) { address, length in
            try SystemError.check("make the socket \(directory)/\(name)") { bind(socket.number, address, length) }
        }
        try SystemError.check("set the permissions of \(directory)/\(name)") { chmod("\(directory)/\(name)", 0o600) }
        #if canImport(Glibc)
        try SystemError.check("listen on \(directory)/\(name)") { Glibc.listen(socket.number, 64) }
        #elseif canImport(Musl)
        try SystemError.check("listen on \(directory)/\(name)") { Musl.listen(socket.number, 64) }
        #else
        try SystemError.check("listen on \(directory)/\(name)") { Darwin.listen(socket.number, 64) }
        #endif
        return socket
    }

    /// Connects to somebody who listens.
    static func connect(to name: String, in directory: String) throws -> Descriptor {
        let socket = try make()
        try withAddress(of: name, in: directory) { address, length in
            try SystemError.check("connect to \(directory)/\(name)") {
                #if canImport(Glibc)
                Glibc.connect(socket.number, address, length)
                #elseif canImport(Musl)
                Musl.connect(socket.number, address, length)
                #else
                Darwin.connect(socket.number, address, length)
                #endif
            }
        }
        return socket
    }

    private static func make() throws -> Descriptor {
        #if os(Linux)
        // Never inheritable, not even for a moment.
        let type = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC
        #else
        let type = SOCK_STREAM
        #endif
        return Descriptor(try SystemError.check("make a socket") { socket(AF_UNIX, type, 0) })
    }

    private static func withAddress(
        of name: String,
        in directory: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        #if os(Linux)
        let handle = try Descriptor(open: directory, O_RDONLY | O_DIRECTORY)
        defer { withExtendedLifetime(handle) {} }
        let path = "/proc/self/fd/\(handle.number)/\(name)"
        #else
        let path = "\(directory)/\(name)"
        #endif
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else {
            throw SystemError(code: ENAMETOOLONG, action: "use the socket \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                try body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
