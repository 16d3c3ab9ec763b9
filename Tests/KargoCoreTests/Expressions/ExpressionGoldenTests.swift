import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the original gave for some hundreds of expressions, where a checkout has that record beside it.
@Suite(.enabled(if: GoldenExpressions.isPresent))
struct ExpressionGoldenTests {
    @Test(arguments: GoldenExpressions.records)
    func `gives what the original gives`(_ record: GoldenExpressions.Record) async throws {
        guard !record.fails else {
            await #expect(throws: ExpressionError.self) { try await record.evaluate() }
            return
        }
        let result = try await record.evaluate()
        #expect(result.kindName == (GoldenExpressions.kinds[record.type] ?? result.kindName))
        guard !record.isUnmarshalable else {
            #expect(throws: ExpressionError.self) { try result.jsonValue() }
            return
        }
        // The record was kept by a tool that knows no negative zero.
        let text = try result.jsonValue().text()
        #expect((text == "-0" ? "0" : text) == record.value.text())
    }
}

/// Expressions of Kargo's documentation, where a checkout has the list beside it.
@Suite(.enabled(if: !GoldenExpressions.documented.isEmpty))
struct DocumentedExpressionTests {
    @Test(arguments: GoldenExpressions.documented)
    func `reads what the documentation shows`(_ expression: String) throws {
        _ = try ExpressionProgram(expression)
    }
}

enum GoldenExpressions {
    struct Record: Sendable, CustomTestStringConvertible {
        var mode: String
        var input: String
        var fails: Bool
        var isUnmarshalable: Bool
        var type: String
        var value: JSONValue

        var testDescription: String { "\(mode) \(input)" }

        func evaluate() async throws -> ExpressionValue {
            switch mode {
            case "T": return try await Template(input).evaluate(in: environment)
            case "J":
                let json = try await Template.evaluate(JSONValue(parsing: input), in: environment)
                return .string(json.text())
            default: return try await ExpressionProgram(input).evaluate(in: environment)
            }
        }
    }

    static let kinds = [
        "<nil>": "nil", "bool": "bool", "int": "int", "uint8": "int", "float64": "float", "string": "string",
        "uint64": "int", "[]uint8": "bytes", "time.Time": "time", "time.Duration": "duration",
        "*time.Location": "time zone",
        "time.Month": "calendar unit", "time.Weekday": "calendar unit", "*main.GitCommit": "structure",
        "main.FreightOrigin": "structure", "[]int": "array", "[]interface {}": "array",
        "map[string]interface {}": "map",
    ]

    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

    private static func lines(_ path: String) -> [String] {
        guard let data = try? Data(contentsOf: folder.appending(path: path)) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    static let documented = lines("spec/expr-examples.txt") + lines("spec/expr-examples-bare.txt")

    static let isPresent = !records.isEmpty

    /// In Go a named type of string equals no string.
    static let deviations: Set = [#"${{ stepMetas['step-1'].Status == "Succeeded" }}"#]

    static let records: [Record] = lines("golden/expr.jsonl").dropFirst()
        .compactMap { line in
            guard let json = try? JSONValue(parsing: line), let mode = json["mode"]?.stringValue,
                let input = json["in"]?.stringValue, !deviations.contains(input)
            else { return nil }
            return Record(
                mode: mode,
                input: input,
                fails: json["fails"] != nil,
                isUnmarshalable: json["unmarshalable"] == true,
                type: json["go"]?.stringValue ?? "",
                value: mode == "J" ? .string(normalized(json["value"]?.stringValue)) : json["value"] ?? .null
            )
        }

    private static func normalized(_ text: String?) -> String {
        (try? JSONValue(parsing: text ?? ""))?.text() ?? ""
    }

    private static func structure(
        _ typeName: String,
        _ fields: (name: String, jsonName: String?, value: ExpressionValue)...
    ) -> ExpressionValue {
        let fields = fields.map { ExpressionRecord.Field($0.name, jsonName: $0.jsonName, $0.value) }
        return .record(ExpressionRecord(typeName: typeName, fields: fields))
    }

    /// The environment that the record's first line describes.
    static let environment = ExpressionEnvironment(
        variables: [
            "ctx": [
                "project": "p", "stage": "s", "targetFreight": ["name": "f"],
                "meta": ["promotion": ["rollback": false]],
            ],
            "vars": [
                "a": "A", "n": 42.0, "b": true, "list": ["x", "y", "z"], "nums": [3.0, 1.0, 2.0], "m": ["k": "v"],
                "nilv": .null, "i": 5, "i64": 7, "u": .unsigned(9), "str5": "5",
            ],
            "outputs": ["step-1": ["commit": "c0ffee", "nested": ["l": [1.0, 2.0]]], "nilout": [:]],
            "stepMetas": ["step-1": structure("main.Meta", ("Alias", nil, "step-1"), ("Status", nil, "Succeeded"))],
            "now_": .time(GoTime(secondsSince1970: 1_704_164_645)),
            "bytes": .bytes(Array("hi".utf8)),
            "strs": ["b", "a"],
        ],
        functions: [
            ExpressionFunction("warehouse", arity: 1...1) {
                structure("main.FreightOrigin", ("Kind", "kind", "Warehouse"), ("Name", "name", $0[0]))
            },
            ExpressionFunction("commitFrom", arity: 1...2) { arguments in
                try arguments.string(at: 0) == "missing"
                    ? .null
                    : structure("unknown", ("RepoURL", "repoURL", "u"), ("ID", "id", "abc"), ("Tag", "tag", "v1"))
            },
            ExpressionFunction("imageFrom", arity: 1...2) { arguments in
                let annotations = ExpressionValue.map(ExpressionMap(texts: ["a": "b"]))
                return try arguments.string(at: 0) == "missing"
                    ? .null
                    : structure(
                        "unknown",
                        ("RepoURL", "repoURL", "img"),
                        ("Tag", "tag", "1.2.3"),
                        ("Annotations", "annotations", annotations)
                    )
            },
            ExpressionFunction("artifactFrom", arity: 1...2) { arguments in
                try arguments.string(at: 0) == "missing"
                    ? .null
                    : structure(
                        "unknown",
                        ("ArtifactType", "ArtifactType", "t"),
                        ("SubscriptionName", "SubscriptionName", "s"),
                        ("Version", "Version", "v"),
                        ("Metadata", "Metadata", ["k": ["z": 1.0]])
                    )
            },
            ExpressionFunction("secret", arity: 1...1) { arguments in
                .map(ExpressionMap(texts: try arguments.string(at: 0) == "missing" ? [:] : ["token": "s3"]))
            },
            ExpressionFunction("freightMetadata", arity: 1...1) { arguments in
                try arguments.string(at: 0) == "missing" ? .null : ["a": "x", "n": ["m": 3.0]]
            },
            .semverParse,
            ExpressionFunction("always", arity: 0...0) { _ in true },
            ExpressionFunction("success", arity: 0...0) { _ in true },
            ExpressionFunction("failure", arity: 0...0) { _ in false },
            ExpressionFunction("status", arity: 1...1) { arguments in
                _ = try arguments.string(at: 0)
                return "Succeeded"
            },
        ]
    )
}
