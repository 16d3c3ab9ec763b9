import KargoCore

/// What the names in a fuzzed expression stand for: variables of every kind, and functions that answer at once, late,
/// wrongly and never.
enum Surroundings {
    /// Stands in the values that are secret, and so may stand in no error.
    static let marker = "s3cr3t-marker"

    static let environment = ExpressionEnvironment(variables: variables, functions: functions).at(moment)

    static let toJSON: ExpressionProgram = {
        do throws(ExpressionError) {
            return try ExpressionProgram("toJSON(given)")
        } catch {
            fatalError("\(error)")
        }
    }()

    static let asYAML: Template = {
        do throws(ExpressionError) {
            return try Template("${{ asYAML(given) }}")
        } catch {
            fatalError("\(error)")
        }
    }()

    static func environment(adding value: ExpressionValue) -> ExpressionEnvironment {
        var environment = environment
        environment.variables["given"] = value
        return environment
    }

    private static let moment = GoTime(secondsSince1970: 1_700_000_000, nanosecond: 123_456_789)

    private static let record = ExpressionValue.record(
        ExpressionRecord(
            typeName: "kargo.Image",
            fields: [
                .init("RepoURL", jsonName: "repoURL", "example.org/image"), .init("Tag", jsonName: "tag", "v1.2.3"),
                .init("Hidden", jsonName: nil, .string(marker)),
            ]
        )
    )

    private static let variables: [String: ExpressionValue] = [
        "yes": true, "no": false, "nothing": .null,
        "one": 1, "most": .int(.max), "least": .int(.min), "natural": .unsigned(.max),
        "half": 0.5, "huge": 1e300, "infinite": .double(.infinity), "odd": .double(.nan),
        "text": "a,b,ü,🚢 and e\u{301}", "empty": "", "secret": .string(marker),
        "long": .string(String(repeating: "long text, ", count: 200)),
        "raw": .bytes([0x00, 0x7F, 0xFF]),
        "list": ["x", "y", "z"], "numbers": [3.0, 1, -2.5, .int(.max)], "mixed": [1, "1", 1.0, .null, [1]],
        "many": .array((0..<300).map { .int($0) }),
        "vars": ["imageRepo": "example.org/image", "semver": "v1.2.3-rc.1+build"],
        "ctx": ["project": "p", "stage": "s", "meta": ["promotion": ["actor": "a"]]],
        "outputs": ["step": ["commit": "abc", "list": [["n": 1], ["n": 2]]]],
        "data": .map(ExpressionMap(texts: ["token": marker, "": "none"])),
        "moment": .time(moment), "span": .duration(GoDuration(nanoseconds: -90_000_000_001)), "zone": .zone(.utc),
        "image": record,
        "call": .function(ExpressionFunction("call", arity: 0...2) { .array($0.values) }),
    ]

    private static let functions = [
        ExpressionFunction.semverParse, .semverDiff,
        ExpressionFunction("quick", arity: 0...Int.max) { .int(Int64($0.count)) },
        ExpressionFunction("echo", arity: 1...1) { $0[0] },
        ExpressionFunction("fails", arity: 0...1) { _ in throw Failure() },
        ExpressionFunction("refuses", arity: 1...1) { .string(try $0.string(at: 0)) },
        ExpressionFunction("reads", arity: 0...2, reading: { .array($0.values) }),
        ExpressionFunction("secretOf", arity: 1...1, reading: { _ in .map(ExpressionMap(texts: ["token": marker])) }),
        ExpressionFunction("failsLater", arity: 0...1, reading: { _ in throw Failure() }),
    ]

    private struct Failure: Error {}
}

extension ExpressionEnvironment {
    fileprivate func at(_ moment: GoTime) -> ExpressionEnvironment {
        var environment = self
        environment.clock = { moment }
        return environment
    }
}
