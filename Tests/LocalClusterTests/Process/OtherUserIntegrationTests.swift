import KargoCore
import KargoTestSupport
import Subprocess
import Testing

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

/// What another user of the machine can do with a cluster: nothing.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct OtherUserIntegrationTests {
    /// Another user looks at files, and then calls the API with what it may have guessed.
    private static let intruder = """
        import json, os, ssl, sys, urllib.error, urllib.request
        directory, address = sys.argv[1:]
        found = {"uid": os.geteuid(), "readable": [], "answers": []}
        for place, _, names in os.walk(directory):
            for name in names:
                try:
                    open(os.path.join(place, name), "rb").read(1)
                    found["readable"].append(name)
                except OSError:
                    pass
        context = ssl._create_unverified_context()
        for path in ["/api", "/version", "/healthz", "/openapi/v3", "/api/v1/secrets", "/nothing"]:
            for header in [None, "Bearer ", "Bearer guess", "Basic YWRtaW46YWRtaW4="]:
                request = urllib.request.Request(address + path)
                if header is not None: request.add_header("Authorization", header)
                try:
                    found["answers"].append(urllib.request.urlopen(request, context=context).status)
                except urllib.error.HTTPError as error:
                    found["answers"].append(error.code)
        print(json.dumps(found))
        """

    private struct Findings: Decodable {
        var uid: Int
        var readable: [String]
        var answers: [Int]
    }

    @Test(
        .enabled("this user may become another") {
            geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")
        }
    )
    func `can neither read nor call it`() async throws {
        try await ScopedDirectory.with { directory in
            // A directory that everybody may enter, so that only the files' own permissions count.
            try directory.write("", to: "data/witness")
            for path in [directory.path, directory.file("data"), directory.file("data/witness")] {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            }
            try await ClusterProcess.with(directory) { cluster in
                let outcome = try await Subprocess.run(
                    .name("setpriv"),
                    arguments: [
                        "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", Self.intruder,
                        directory.file("data"), #require(cluster.running.address),
                    ],
                    output: .string(limit: 1 << 16),
                    error: .string(limit: 1 << 16)
                )
                let findings = try JSONDecoder().decode(Findings.self, from: Data(outcome.standardOutput.utf8))
                #expect(findings.uid == 65534)
                #expect(findings.readable == ["witness"])
                #expect(findings.answers == Array(repeating: 401, count: 24))
            }
        }
    }

    @Test func `all files are their owner's only`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory) { _ in
                var seen: Set<String> = []
                let files = FileManager.default
                for name in try files.subpathsOfDirectory(atPath: directory.file("data")) {
                    let attributes = try files.attributesOfItem(atPath: directory.file("data/\(name)"))
                    let mode = try #require(attributes[.posixPermissions] as? Int)
                    #expect(mode & 0o077 == 0, "\(name) has mode \(String(mode, radix: 8))")
                    seen.insert(name)
                }
                #expect(seen.isSuperset(of: ["cluster.db", "cluster.db-wal", "kubeconfig", "admin.token", "ca.key"]))
            }
        }
    }

    @Test(.enabled("the kernel tells who listens") { FileManager.default.fileExists(atPath: "/proc/net/tcp") })
    func `it listens on loopback only`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory) { cluster in
                let address = try #require(cluster.running.address)
                let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
                let suffix = ":" + String(port, radix: 16, uppercase: true).leftPadded(4)
                var listeners: [String] = []
                for table in ["/proc/net/tcp", "/proc/net/tcp6"]
                where FileManager.default.fileExists(atPath: table) {
                    let text = String(decoding: try Data(contentsOf: URL(filePath: table)), as: UTF8.self)
                    for line in text.split(separator: "\n") {
                        let fields = line.split(separator: " ")
                        // 0A is the state of a socket that listens.
                        guard fields.count > 3, fields[3] == "0A", fields[1].hasSuffix(suffix) else { continue }
                        listeners.append(String(fields[1]))
                    }
                }
                #expect(listeners == ["0100007F" + suffix])
            }
        }
    }
}

extension String {
    fileprivate func leftPadded(_ length: Int) -> String {
        String(repeating: "0", count: max(0, length - count)) + self
    }
}
