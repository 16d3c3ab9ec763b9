import KargoCore
import KargoTestSupport
import Testing

@testable import KargoCommands

@Suite("Starting and stopping the local cluster")
struct LocalSessionTests {
    private func session(_ directory: ScopedDirectory, _ script: String) throws -> LocalSession {
        let stand = try StandInController(script, in: directory)
        return LocalSession(
            LocalInstallation(dataDirectory: directory.path),
            executable: stand.executable,
            life: .bound,
            environment: stand.environment
        )
    }

    /// A process that says when it begins and when it is asked to end.
    private let obedient = #"""
        echo "${0##*/} began" >> "$2/order"
        trap 'echo "${0##*/} ended" >> "$2/order"; exit 0' TERM
        echo '{"pid":5,"address":"https://h:1"}'
        while read -r line; do :; done
        """#

    @Test func `starts the cluster first and stops it last`() async throws {
        try await ScopedDirectory.with { directory in
            let session = try session(directory, obedient)
            let status = try await session.start()
            #expect(status.isComplete)
            #expect(status.running(.cluster)?.address == "https://h:1")
            try await session.stop()
            #expect(
                try directory.read("order") == "local-cluster began\nrun began\nrun ended\nlocal-cluster ended\n"
            )
        }
    }

    @Test func `starts only what is missing`() async throws {
        try await ScopedDirectory.with { directory in
            let installation = LocalInstallation(dataDirectory: directory.path)
            let claim = try #require(try installation.claim(.cluster))
            try claim.publish(.init(pid: 77, address: "https://theirs:1"))
            let session = try session(directory, obedient)
            let status = try await session.start()
            #expect(status.running(.cluster) == .init(pid: 77, address: "https://theirs:1"))
            #expect(session.servers.map(\.part) == [.controller])
            try await session.stop()
            withExtendedLifetime(claim) {}
        }
    }

    @Test func `says which process has ended by itself`() async throws {
        try await ScopedDirectory.with { directory in
            let script = obedient.replacing(
                "while read",
                with: "[ ${0##*/} = run ] && echo broken >&2 && exit 1; while read"
            )
            let session = try session(directory, script)
            _ = try await session.start()
            let error = await #expect(throws: CommandError.self) { try await session.waitForFailure() }
            #expect(error?.description.hasPrefix("the controller has ended: broken; ") == true)
            try await session.stop()
        }
    }

    @Test func `starts nothing after it was stopped`() async throws {
        try await ScopedDirectory.with { directory in
            let session = try session(directory, obedient)
            try await session.stop()
            await #expect(throws: CancellationError.self) { try await session.start() }
            #expect(!directory.contains("order"))
        }
    }

    @Test func `lets one command at a time start and stop things`() async throws {
        try await ScopedDirectory.with { directory in
            let installation = LocalInstallation(dataDirectory: directory.path)
            let lock = try await UpLock.take(installation)
            async let second = UpLock.take(installation)
            lock.release()
            try await second.release()
        }
    }
}
