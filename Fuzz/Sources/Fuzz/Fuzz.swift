/// What libFuzzer calls with each input; it has the `main` of this program.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    Target.chosen.test(Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}

/// What is fuzzed; `--target=NAME` chooses.
enum Target: String, CaseIterable {
    case expression
    case grammar
    case template
    case regex
    case values
    case json
    case yaml

    /// The one that the command line names; libFuzzer leaves options with two hyphens to others.
    static let chosen: Target = {
        let option = "--target="
        let names = CommandLine.arguments.filter { $0.hasPrefix(option) }.map { String($0.dropFirst(option.count)) }
        guard let target = names.last.flatMap(Target.init) else {
            fatalError("choose one with \(option): \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return target
    }()

    func test(_ bytes: [UInt8]) {
        switch self {
        case .expression: Expressions.test(String(decoding: bytes, as: UTF8.self))
        case .grammar: Expressions.test(ExpressionGenerator.expression(bytes))
        case .template: Templates.test(String(decoding: bytes, as: UTF8.self))
        case .regex: RegularExpressions.test(String(decoding: bytes, as: UTF8.self))
        case .values: Values.test(bytes)
        case .json: Documents.testJSON(bytes)
        case .yaml: Documents.testYAML(String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// Crashes unless a property holds; unlike a precondition, with its message in release builds too.
func check(_ holds: Bool, _ message: @autoclosure () -> String) {
    if !holds { fatalError(message()) }
}

/// The parts of an input between line feeds, the last of which may hold more of them.
func parts(_ text: String, _ count: Int) -> [String] {
    let parts = text.utf8.split(separator: 0x0A, maxSplits: count - 1, omittingEmptySubsequences: false)
    return (0..<count).map { $0 < parts.count ? String(parts[$0]) ?? "" : "" }
}
