import KargoCore
public import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes each log entry as a line of JSON to standard error: `time`, `level`, `logger`, `msg`, and the metadata as
/// texts under `fields`.
public struct JSONLogHandler: LogHandler {
    /// The lowest level that is written.
    public var logLevel = Logger.Level.info
    /// What goes with each entry.
    public var metadata: Logger.Metadata = [:]
    /// What else goes with each entry.
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let now: @Sendable () -> Date
    private let write: @Sendable ([UInt8]) -> Void

    /// Makes a handler.
    ///
    /// - Parameter label: The name of the logger.
    public init(label: String) {
        self.init(
            label: label,
            now: { Date() },
            write: { line in
                // Nobody may be there to read it.
                _ = line.withUnsafeBytes { Self.writeStandardError($0.baseAddress, $0.count) }
            }
        )
    }

    init(label: String, now: @escaping @Sendable () -> Date, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.label = label
        self.now = now
        self.write = write
    }

    private static func writeStandardError(_ start: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        Glibc.write(STDERR_FILENO, start, count)
        #elseif canImport(Musl)
        Musl.write(STDERR_FILENO, start, count)
        #else
        Darwin.write(STDERR_FILENO, start, count)
        #endif
    }

    /// Writes an entry.
    public func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        var entry: JSONValue = [
            "time": .string("\(KubernetesMicroTime(now()))"), "level": .string(event.level.rawValue),
            "logger": .string(label), "msg": .string(event.message.description),
        ]
        if !fields.isEmpty {
            var texts: JSONValue = [:]
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) { texts[name] = .string("\(value)") }
            entry["fields"] = texts
        }
        write(entry.serialized() + [UInt8(ascii: "\n")])
    }

    /// What goes with each entry.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
