import Foundation
import KargoCore
import Testing

@testable import BuiltinSteps

/// Whether Python's reader of TOML takes the same documents and finds the same values in them.
@Suite("TOML as Python reads it", .tags(.integration), .enabled(if: PythonTOML.isPresent))
struct TOMLReaderIntegrationTests {
    /// What one says in a line or two is enough to tell two readers apart.
    private static let documents =
        [
            "", "\n\n", "# only a comment", "a = 1", "a=1#c", "a = 1 # c\r\nb = 2\r\n", "a = 1\rb = 2", "a = 1 b = 2",
            "a",
            "a =", "= 1", "a = \n1", "a.b = 1\na.c = 2", "a . b = 1", "a.b = 1\na.b.c = 2", "a = 1\na.b = 2",
            "\"\" = 1", "'' = 1", "\"a b\".'c.d' = 1", "a = 1\n'a' = 2", "1.2 = 3", "-_ = 1", "é = 1", "\"é\" = 1",
            "\"\"\"a\"\"\" = 1", "a\nb = 1", "a.\"b\\u0063\" = 1", "a..b = 1", ".a = 1", "a. = 1", "3.14 = 'pi'",
        ]
        + [
            "[a]", "[a]\n[a]", "[a]\nb = 1\n[a.b]", "[a.b]\n[a]\nc = 1", "[a]\n[b]\n[a.c]", "[ a . b ]\nc = 1", "[]",
            "[a",
            "[a]]", "[[a]", "[a] b = 1", "[a]\nb.c = 1\n[a.b]", "[a.b.c]\nz = 9\n[a]\nb.c.t = 1",
            "[a.b.c]\nz = 9\n[a]\nb.t = 1", "a.b.c = 1\n[a.b]\nd = 2", "[a]\nb.c = 1\n[a.d]\ne = 1",
            "[a.b]\n[a]\nb = 1",
            "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true",
            "[fruit]\napple.color = 1\n[fruit.apple]", "[a]\n[a.b]\n[a.b.c]\n[a.b.d]", "[[a]]\n[[a]]\nb = 1",
            "[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\n[a.c]\nd = 3", "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2", "[a]\n[[a]]",
            "[[a]]\n[a]", "a = []\n[[a]]", "a = [{}]\n[[a]]", "[[a.b]]\n[a]\nb.c = 1", "[[a.b]]\n[a]\nc = 1",
            "[a.b]\n[[a.b]]", "[[a]]\nb.c = 1\n[a.b]", "a = {b = 1}\n[a.c]", "a = {b = 1}\na.c = 1",
            "[\"a.b\".c]\nd = 1",
            "[a]\nx = {y = 1}\nz.w = 2\nz.v = {u = 3}\nz.t = 4",
        ]
        + [
            "a = \"x\"", "a = \"\\b\\t\\n\\f\\r\\\"\\\\\"", "a = \"\\u00e9\\U0001F600\"", "a = \"\\ud800\"",
            "a = \"\\x41\"",
            "a = \"\\e\"", "a = \"\\U00110000\"", "a = \"\n\"", "a = \"\t\"", "a = \"\u{7F}\"", "a = \"\u{1}\"",
            "a = \"x",
            "a = 'C:\\x\\'", "a = 'x\n'", "a = ''", "a = '\t'", "a = \"\"\"x\"\"\"", "a = \"\"\"\nx\ny\n\"\"\"",
            "a = \"\"\"\r\nx\r\ny\"\"\"", "a = \"\"\"x \\\n   y\"\"\"", "a = \"\"\"x \\  \n\n  y\"\"\"",
            "a = \"\"\"x \\ y\"\"\"",
            "a = \"\"\"\"\"\"", "a = \"\"\"\"x\"\"\"\"", "a = \"\"\"\"\"x\"\"\"\"\"", "a = \"\"\"x\"\"\"\"\"\"",
            "a = \"\"\"\\\"\"\"\"",
            "a = '''x'''", "a = '''\nx\n'y'\n'''", "a = ''''x''''", "a = '''x''''''", "a = '''x\\\ny'''", "a = \"\"\"x",
            "a = '''\u{1}'''", "a = \"\"\"a\u{0}b\"\"\"", "# \u{1}", "# \u{7F}\na = 1", "# é\na = 1",
        ]
        + [
            "a = +1", "a = -1", "a = 0", "a = -0", "a = +0", "a = 01", "a = 1_000", "a = 1__0", "a = _1", "a = 1_",
            "a = 0xDEAD_beef", "a = 0x", "a = 0x_1", "a = +0x1", "a = 0o17", "a = 0o8", "a = 0b101", "a = 0b2",
            "a = 0XF",
            "a = 9223372036854775807", "a = -9223372036854775808", "a = 1.0", "a = 1.", "a = .1", "a = 1.5e3",
            "a = 1e3",
            "a = 1E+3", "a = 1e-3", "a = 1e_3", "a = 1_0.0_1e0_1", "a = 1.e3", "a = 01.5", "a = 1e06", "a = -0.0",
            "a = 1_.5", "a = 1._5", "a = 3.14159265358979", "a = 6.626e-34", "a = 5e+22", "a = 1e400", "a = true",
            "a = True", "a = false", "a = trues", "a = nul", "a = 1a", "a = inf", "a = -inf", "a = +inf", "a = Inf",
        ]
        + [
            "a = 1979-05-27", "a = 1979-05-27T07:32:00Z", "a = 1979-05-27t07:32:00z", "a = 1979-05-27 07:32:00",
            "a = 1979-05-27T00:32:00.999999-07:00", "a = 1979-05-27T07:32:00.5", "a = 07:32:00", "a = 07:32:00.25",
            "a = 7:32:00", "a = 07:32", "a = 25:00:00", "a = 07:60:00", "a = 07:32:60", "a = 1979-13-01",
            "a = 1979-02-29",
            "a = 1980-02-29", "a = 1979-05-27T", "a = 1979-05-27 # c", "a = 1979-05-27T07:32:00+25:00", "a = 1979-5-27",
            "a = 1979-05-27  07:32:00", "a = 1979-05-27T07:32:00.", "a = 1979-05-27T07:32:00+01:00",
        ]
        + [
            "a = []", "a = [1, 2,]", "a = [,]", "a = [1,,2]", "a = [1 2]", "a = [\n1, # c\n\n2\n, ]",
            "a = [1, 'a', [2.5]]",
            "a = [", "a = [1", "a = {}", "a = { }", "a = {b = 1, c = {d = 2}}", "a = {b = 1,}", "a = {b = 1\n}",
            "a = {,}",
            "a = {b = 1 c = 2}", "a = {b = 1, b = 2}", "a = {b.c = 1, b.d = 2}", "a = {b = {}, b.c = 1}",
            "a = {b.c = 1, b = 2}", "a = {\"b c\" = 1}", "a = {b = [\n1,\n2]}", "a = [{b = 1}, {b = 2}]", "a = {b = 1",
            "a = {b.c = {d = 1}, b.c.e = 2}", "a = { b = \"\"\"\n}\"\"\" }", "a = [[[]]]",
            "a = [{}, {}]\nb = [[], [{}]]",
        ]

    @Test func `takes and refuses the same documents, and finds the same in them`() throws {
        let expected = try PythonTOML.read(Self.documents)
        #expect(expected.count == Self.documents.count)
        for (document, expected) in zip(Self.documents, expected) {
            let value: JSONValue
            do throws(SyntaxError) {
                value = .object(["value": .object(try TOMLParser.parse(document).members.mapValues(\.plain))])
            } catch {
                value = "error"
            }
            #expect(value == expected, "\(document.debugDescription)")
        }
    }
}

extension TOMLItem {
    /// The item as the program below writes it: floating point numbers and dates are text with a mark.
    fileprivate var plain: JSONValue {
        switch self {
        case .scalar(.string(let text), _): .string(text)
        case .scalar(.integer(let number), _): .int(number)
        case .scalar(.boolean(let flag), _): .bool(flag)
        case .scalar(.float(let number), _): .object(["float": .string(String(number.bitPattern))])
        case .scalar(.date(let date), _): .object(["date": .string(date.text.withSixDigits)])
        case .array(let items): .array(items.map(\.plain))
        case .table(let table): .object(table.members.mapValues(\.plain))
        case .tables(let list): .array(list.tables.map { .object($0.members.mapValues(\.plain)) })
        }
    }
}

extension String {
    /// A fraction of a second as Python writes it, and an offset in place of `Z`.
    fileprivate var withSixDigits: String {
        let text = hasSuffix("Z") ? dropLast() + "+00:00" : self
        guard let point = text.firstIndex(of: ".") else { return text }
        let digits = text[text.index(after: point)...].prefix { $0.isNumber }
        return text[...point] + digits + String(repeating: "0", count: 6 - digits.count) + text[digits.endIndex...]
    }
}

/// The TOML reader of Python 3.11.
private enum PythonTOML {
    private static let program = """
        import datetime, json, struct, sys, tomllib
        def plain(value):
            if isinstance(value, dict): return {key: plain(item) for key, item in value.items()}
            if isinstance(value, list): return [plain(item) for item in value]
            if isinstance(value, float): return {"float": str(struct.unpack(">Q", struct.pack(">d", value))[0])}
            if isinstance(value, (datetime.date, datetime.time)): return {"date": value.isoformat()}
            return value
        def read(document):
            try:
                return {"value": plain(tomllib.loads(document))}
            except ValueError:
                return "error"
        json.dump([read(document) for document in json.load(sys.stdin.buffer)], sys.stdout)
        """

    static let isPresent = (try? read(["a = 1"])) == [["value": ["a": 1]]]

    static func read(_ documents: [String]) throws -> [JSONValue] {
        let input = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
        try Data(JSONValue.array(documents.map(JSONValue.string)).serialized()).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Foundation.Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONValue(parsing: String(decoding: data, as: UTF8.self)).arrayValue ?? []
    }
}
