import ArgumentParser

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version of this tool.")

    func run() async throws { Console.write("kargo \(KargoVersion.current)\n") }
}
