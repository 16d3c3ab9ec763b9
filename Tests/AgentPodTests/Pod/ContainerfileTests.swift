import AgentPod
import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Holds `extended/image/Containerfile` against what it names; no image is built.
@Suite("Containerfile")
struct ContainerfileTests {
    private static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private struct Instruction {
        let name: String
        let words: [String]
        /// The number of its stage, from zero.
        let stage: Int
    }

    private static func instructions() throws -> [Instruction] {
        var stage = -1
        return try text("extended/image/Containerfile").split(separator: "\n").filter { !$0.hasPrefix("#") }
            .joined(separator: "\n").replacing("\\\n", with: " ").split(separator: "\n")
            .map { line in
                let words = line.split(separator: " ").map(String.init)
                if words[0] == "FROM" { stage += 1 }
                return Instruction(name: words[0], words: Array(words.dropFirst()), stage: stage)
            }
    }

    /// The packages that a stage installs.
    private func packages(stage: Int) throws -> Set<String> {
        let words = try Self.instructions().filter { $0.name == "RUN" && $0.stage == stage }.flatMap(\.words)
        guard let start = words.firstIndex(of: "--no-install-recommends") else { return [] }
        return Set(words[(start + 1)...].prefix { $0 != "&&" })
    }

    @Test func `copies what there is, and what is not kept from it`() throws {
        let ignored = try Self.text("extended/image/Containerfile.dockerignore")
        let kept = Set(ignored.split(separator: "\n").map(String.init))
        let copies = try Self.instructions()
            .filter { $0.name == "COPY" && $0.words.first?.hasPrefix("--from") == false }
        #expect(copies.count == 3)
        for path in copies.flatMap({ $0.words.dropLast() }) {
            // Package.resolved may be missing, hence the pattern.
            let name = path.replacing("[d]", with: "d")
            #expect(kept.contains("!\(name)"), "\(name)")
            if name == path { #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: name).path)) }
        }
    }

    @Test func `builds the programs that it copies, each of them a product`() throws {
        let instructions = try Self.instructions()
        let manifest = try Self.text("Package.swift")
        let built = instructions.filter { $0.name == "RUN" && $0.stage == 0 }.flatMap(\.words)
        let products = Set(zip(built, built.dropFirst()).filter { $0.0 == "--product" }.map(\.1))
        let copied = instructions.filter { $0.words.first == "--from=build" }
            .flatMap { $0.words.dropFirst().dropLast() }
        #expect(products.count == 3)
        #expect(Set(copied) == Set(products.map { "/programs/\($0)" }))
        for product in products { #expect(manifest.contains(".executable(name: \"\(product)\""), "\(product)") }
    }

    @Test func `has what Pods start where they look for it, and runs as the Deployment's user`() throws {
        let instructions = try Self.instructions()
        let places = instructions.filter { $0.words.first == "--from=build" }
            .flatMap { copy -> [String] in
                let target = copy.words.last ?? ""
                guard target.hasSuffix("/") else { return [target] }
                return copy.words.dropFirst().dropLast().map { target + ($0.split(separator: "/").last ?? "") }
            }
        let pod = try AgentPodTemplate(image: "agent:1")
            .pod(
                for: PluginFixtures.promotion(),
                plugins: [],
                secret: AgentSecret(key: [], namespace: "demo", pod: "pod", nonce: "nonce"),
                serviceAccount: "default"
            )
        let own = (pod.spec.initContainers + pod.spec.containers).compactMap(\.command.first)
        #expect(!own.isEmpty && own.allSatisfy(places.contains))
        let deployment = try JSONValue(yaml: Self.text("extended/deploy/deployment.yaml"))
        let spec = try #require(deployment[path: "spec", "template", "spec"])
        let command = spec["containers"]?.arrayValue?.first?["command"]?.arrayValue?.first?.stringValue
        #expect(places.contains(command ?? ""))
        let ids = ["runAsUser", "runAsGroup"].compactMap { spec[path: "securityContext", $0]?.serialized() }
        let user = ids.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ":")
        #expect(instructions.last { $0.name == "USER" }?.words == [user])
    }

    @Test func `has the libraries that the programs link, to build with and to run with`() throws {
        let script = try Self.text("scripts/install-packages.sh")
        let runtime = [
            "libsqlite3-dev": "libsqlite3-0", "libssl-dev": "libssl3", "libyaml-dev": "libyaml-0-2",
            "zlib1g-dev": "zlib1g",
        ]
        let needed = script.split { " \n;\"".contains($0) }.map(String.init).filter { $0.hasSuffix("-dev") }
        #expect(Set(needed) == Set(runtime.keys))
        #expect(try packages(stage: 0).isSuperset(of: needed))
        let image = try packages(stage: 2)
        #expect(image.isSuperset(of: runtime.values))
        #expect(image.isSuperset(of: ["ca-certificates", "git", "gnupg", "openssh-client", "tzdata"]))
    }
}
