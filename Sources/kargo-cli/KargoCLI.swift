import ArgumentParser
import KargoCommands

@main
enum KargoCLI {
    static func main() async {
        await Kargo.main()
    }
}
