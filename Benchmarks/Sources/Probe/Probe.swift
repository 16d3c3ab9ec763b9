import KargoCore
@inline(never) func blackHole<T>(_ t: T) {}
@inline(never) func readAll(_ n: Int) throws { for _ in 0..<n { for g in ExpressionGroup.all { for s in g.sources { if g.areTemplates { blackHole(try Template(s)) } else { blackHole(try ExpressionProgram(s)) } } } } }
@inline(never) func readOne(_ n: Int) throws { for _ in 0..<n { blackHole(try ExpressionProgram("vars.imageRepo")) } }
@inline(never) func evalOne(_ n: Int) async throws { let p = try ExpressionProgram("vars.imageRepo"); let e = Surroundings.environment; for _ in 0..<n { blackHole(try await p.evaluate(in: e)) } }
@inline(never) func evalAll(_ n: Int) async throws {
    let e = Surroundings.environment
    for g in ExpressionGroup.all { for s in g.sources { if g.areTemplates { let t = try Template(s); for _ in 0..<n { blackHole(try await t.evaluate(in: e)) } } else { let p = try ExpressionProgram(s); for _ in 0..<n { blackHole(try await p.evaluate(in: e)) } } } }
}
@inline(never) func config(_ n: Int) async throws { for _ in 0..<n { blackHole(try await Template.evaluate(Configuration.value, in: Surroundings.environment)) } }
@main enum Probe { static func main() async throws {
    let n = Int(CommandLine.arguments[2])!
    switch CommandLine.arguments[1] {
    case "readall": try readAll(n)
    case "readone": try readOne(n)
    case "evalone": try await evalOne(n)
    case "evalall": try await evalAll(n)
    default: try await config(n)
    }
} }
