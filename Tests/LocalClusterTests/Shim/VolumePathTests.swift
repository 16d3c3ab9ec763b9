import KargoTestSupport
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct VolumePathTests {
    private func resolve(_ volume: String, _ subPath: String) throws -> String {
        try VolumePath.resolve(MountRequest(volume: volume, subPath: subPath, path: "/x", isReadOnly: false))
    }

    @Test func `makes the directories of a subPath with the permissions of the volume`() async throws {
        try await ScopedDirectory.with { directory in
            let volume = directory.file("volume")
            try FileSystem.makeDirectory(volume, mode: 0o777)
            let path = try resolve(volume, "a/./b")
            #expect(path.hasSuffix("/volume/a/b"))
            #expect(FileSystem.kind(of: path) == .directory(mode: 0o777))
            #expect(try resolve(volume, "") == volume)
        }
    }

    @Test func `finds a file and follows links that stay in the volume`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("x", to: "volume/real/file")
            try FileManager.default.createSymbolicLink(
                atPath: directory.file("volume/link"),
                withDestinationPath: "real"
            )
            #expect(try resolve(directory.file("volume"), "link/file").hasSuffix("/volume/real/file"))
        }
    }

    @Test(arguments: ["..", "a/../../b", "/etc", "out", "out/x"])
    func `refuses what is not in the volume`(subPath: String) async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("x", to: "volume/file")
            try FileManager.default.createSymbolicLink(
                atPath: directory.file("volume/out"),
                withDestinationPath: "/usr"
            )
            #expect(throws: LaunchFailure.self) { try resolve(directory.file("volume"), subPath) }
            #expect(throws: LaunchFailure.self) { try resolve(directory.file("volume/file"), "x") }
        }
    }
}
