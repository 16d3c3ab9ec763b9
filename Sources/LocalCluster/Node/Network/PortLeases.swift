import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Gives ports to Pods so that no two of them on this machine have the same, whichever node they are of.
///
/// A lease is a lock on a file, held by an open file that the Pod's shim inherits: it lasts exactly as long as the
/// shim lives. A port on all addresses is locked for one Pod alone; a port on the Pod's address is locked together with
/// others of its kind, and alone for that address.
final class PortLeases: Sendable {
    /// Why a Pod does not get its ports.
    struct Conflict: Error, Hashable, CustomStringConvertible {
        /// The port.
        var port: UInt16
        /// Who has it, as part of a sentence.
        var holder: String
        /// Whether this node will know when it is free.
        var isOfThisNode: Bool

        var description: String { "waits for port \(port), which \(holder)" }
    }

    private struct Holding {
        var pod: String
        var demand: PortDemand
    }

    private let directory: String
    /// By the UID of the Pod.
    private let holdings = Mutex<[String: Holding]>([:])

    /// Makes a table of leases.
    ///
    /// - Parameter directory: Where the locks are.
    init(directory: String) {
        self.directory = directory
    }

    /// Takes all ports of a Pod, or none.
    ///
    /// - Parameters:
    ///   - demand: The ports.
    ///   - pod: The Pod as `NAMESPACE/NAME`.
    ///   - uid: Its UID.
    ///   - address: The address that the Pod gets if it can.
    ///   - others: Addresses that it gets otherwise.
    /// - Returns: The address, and the open files that hold the locks.
    /// - Throws: ``Conflict`` when somebody has a port; ``SystemError`` when locks can't be had at all.
    func take(
        _ demand: PortDemand,
        for pod: String,
        uid: String,
        address: String,
        others: [String]
    ) throws -> (address: String, locks: [Descriptor]) {
        try holdings.withLock { holdings in
            let result = demand.isEmpty ? (address, []) : try take(demand, pod, [address] + others, holdings)
            holdings[uid] = Holding(pod: pod, demand: demand)
            return result
        }
    }

    /// Takes note of the ports of a Pod whose shim has them already.
    func note(_ demand: PortDemand, of pod: String, uid: String) {
        holdings.withLock { $0[uid] = Holding(pod: pod, demand: demand) }
    }

    /// Forgets the ports of a Pod whose shim is gone.
    func release(uid: String) { holdings.withLock { $0[uid] = nil } }

    private func take(
        _ demand: PortDemand,
        _ pod: String,
        _ addresses: [String],
        _ holdings: [String: Holding]
    ) throws -> (address: String, locks: [Descriptor]) {
        try prepareDirectory()
        var locks: [Descriptor] = []
        for port in demand.everywhere {
            let lock = try open("\(port)")
            guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else { throw conflict(port, lock, holdings) }
            guard ListeningTrial.isFreeEverywhere(port) else { throw conflict(port, nil, holdings) }
            try write(pod, to: lock)
            locks.append(lock)
        }
        for port in demand.ownAddress {
            let lock = try open("\(port)")
            guard flock(lock.number, LOCK_SH | LOCK_NB) == 0 else { throw conflict(port, lock, holdings) }
            locks.append(lock)
        }
        for address in addresses {
            if let more = try takeAddress(address, demand.ownAddress, pod) { return (address, locks + more) }
        }
        throw conflict(demand.ownAddress.first ?? 0, nil, holdings)
    }

    /// The locks of ports on an address; nil where one of them is taken.
    private func takeAddress(_ address: String, _ ports: [UInt16], _ pod: String) throws -> [Descriptor]? {
        var locks: [Descriptor] = []
        for port in ports {
            let lock = try open("\(address)-\(port)")
            guard flock(lock.number, LOCK_EX | LOCK_NB) == 0, ListeningTrial.isFree(port, on: address) else {
                return nil
            }
            try write(pod, to: lock)
            locks.append(lock)
        }
        return locks
    }

    private func conflict(_ port: UInt16, _ lock: Descriptor?, _ holdings: [String: Holding]) -> Conflict {
        guard let lock else {
            return Conflict(port: port, holder: "another program on this machine listens on", isOfThisNode: false)
        }
        let holder = holdings.values.filter { $0.demand.contains(port) }.map(\.pod).min()
        if let holder { return Conflict(port: port, holder: "Pod \(holder) holds", isOfThisNode: true) }
        // The name in the file is that of the one holder; where a lock is shared there is none.
        if flock(lock.number, LOCK_SH | LOCK_NB) != 0, let name = name(in: lock) {
            return Conflict(port: port, holder: "Pod \(name) of another cluster holds", isOfThisNode: false)
        }
        return Conflict(port: port, holder: "Pods of another cluster hold", isOfThisNode: false)
    }

    private func name(in lock: Descriptor) -> String? {
        do {
            let name = String(decoding: try lock.readAll(limit: 1024), as: UTF8.self)
            return name.isEmpty ? nil : name
        } catch {
            // Who has it is a courtesy; that somebody has it is known.
            return nil
        }
    }

    private func prepareDirectory() throws {
        try FileSystem.makeDirectory(directory, mode: 0o700)
        var status = stat()
        try SystemError.check("look at \(directory)") { lstat(directory, &status) }
        guard status.st_uid == geteuid() else {
            throw SystemError(code: EPERM, action: "use \(directory), which belongs to somebody else")
        }
    }

    /// Lock files stay: a file that is removed could be locked by one and made anew by another.
    private func open(_ name: String) throws -> Descriptor {
        try Descriptor(open: "\(directory)/\(name).lock", O_RDWR | O_CREAT | O_NOFOLLOW)
    }

    private func write(_ pod: String, to lock: Descriptor) throws {
        try SystemError.check("write into a lock") { ftruncate(lock.number, 0) }
        try lock.write(Array(pod.utf8))
    }
}

extension PortDemand {
    fileprivate func contains(_ port: UInt16) -> Bool { everywhere.contains(port) || ownAddress.contains(port) }
}
