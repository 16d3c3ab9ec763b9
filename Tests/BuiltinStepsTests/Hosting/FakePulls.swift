import KargoCore
import NIOHTTP1
import Synchronization

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Pull requests of one repository, as a fake of a hosting service keeps them.
final class FakePulls: Sendable {
    enum Readiness: Sendable, CaseIterable {
        case ready
        case draft
        case unknown
        case conflict
        /// Rules forbid it.
        case blocked
    }

    struct Pull: Sendable {
        enum State: Sendable { case open, closed, merged }

        var number: Int64
        var title: String
        var body: String
        var source: String
        var target: String
        var head: String
        var labels: [String] = []
        var state = State.open
        var readiness = Readiness.ready
        var mergeCommit: String?
        var method: String?
        /// Whether the source branch is that of a fork.
        var isOfFork = false

        var createdAt: String { "2026-01-01T00:00:0\(number % 10)Z" }
    }

    /// An answer that comes in place of the next to a request of a method and a path.
    struct Surprise: Sendable {
        var method: String
        var suffix: String
        var response: StubServer.Response
    }

    private struct State {
        var pulls: [Int64: Pull] = [:]
        var branches: [String: String] = [:]
        var surprises: [Surprise] = []
        /// How many looks at a pull request it takes until a merge that goes on is done.
        var mergeLooks = 0
        var pageSize = Int.max
    }

    private let state = Mutex(State())

    static let token = "s3cret-token"

    /// A commit whose hash is a digit many times.
    static func commit(_ digit: Character) -> String { String(repeating: digit, count: 40) }

    init() {
        setBranch("main", to: Self.commit("0"))
        setBranch("feature/x", to: Self.commit("1"))
    }

    // MARK: What tests do

    func setBranch(_ name: String, to commit: String) { state.withLock { $0.branches[name] = commit } }

    func surprise(_ method: String, _ suffix: String, _ status: Int, _ body: String, _ headers: [(String, String)] = [])
    {
        let response = StubServer.Response(
            status: status,
            headers: headers + [("content-type", "application/json")],
            body: Array(body.utf8)
        )
        state.withLock { $0.surprises.append(Surprise(method: method, suffix: suffix, response: response)) }
    }

    /// Merges are answered before they are done, and so many looks later they are.
    func setMergeLooks(_ count: Int) { state.withLock { $0.mergeLooks = count } }

    /// Pages have no more elements than these, whatever the client asks for.
    func setPageSize(_ count: Int) { state.withLock { $0.pageSize = count } }

    @discardableResult
    func add(
        _ source: String = "feature/x",
        into target: String = "main",
        _ change: (inout Pull) -> Void = { _ in }
    ) -> Pull {
        let head = state.withLock { $0.branches[source] ?? Self.commit("f") }
        return insert { number in
            var pull = Pull(number: number, title: "t", body: "b", source: source, target: target, head: head)
            change(&pull)
            return pull
        }
    }

    subscript(_ number: Int64) -> Pull? { state.withLock { $0.pulls[number] } }

    func change(_ number: Int64, _ change: (inout Pull) -> Void) {
        state.withLock { state in
            if var pull = state.pulls[number] {
                change(&pull)
                state.pulls[number] = pull
            }
        }
    }

    // MARK: What fakes do

    func takeSurprise(for request: StubServer.Request) -> StubServer.Response? {
        state.withLock { state in
            let index = state.surprises.firstIndex {
                $0.method == request.method.rawValue && request.path.hasSuffix($0.suffix)
            }
            return index.map { state.surprises.remove(at: $0).response }
        }
    }

    func branch(_ name: String) -> String? { state.withLock { $0.branches[name] } }

    func create(_ title: String, _ body: String, _ source: String, _ target: String, _ labels: [String]) -> Pull? {
        let head = branch(source)
        guard let head, branch(target) != nil else { return nil }
        let exists = all.contains { $0.state == .open && $0.source == source && $0.target == target && !$0.isOfFork }
        if exists { return nil }
        return insert {
            Pull(number: $0, title: title, body: body, source: source, target: target, head: head, labels: labels)
        }
    }

    private func insert(_ make: (Int64) -> Pull) -> Pull {
        state.withLock { state in
            let pull = make(Int64(state.pulls.count + 1))
            state.pulls[pull.number] = pull
            return pull
        }
    }

    /// All of them, the newest first.
    var all: [Pull] { state.withLock { $0.pulls.values.sorted { $0.number > $1.number } } }

    /// Looks at one, which may end a merge that goes on.
    func look(_ number: Int64) -> Pull? {
        state.withLock { state in
            if let pull = state.pulls[number], pull.mergeCommit != nil, pull.state == .open {
                state.mergeLooks -= 1
                if state.mergeLooks <= 0 { state.pulls[number]?.state = .merged }
            }
            return state.pulls[number]
        }
    }

    /// Merges one, at once or later.
    func merge(_ number: Int64, method: String?) -> Pull? {
        state.withLock { state in
            state.pulls[number]?.mergeCommit = Self.commit("9")
            state.pulls[number]?.method = method
            if state.mergeLooks == 0 { state.pulls[number]?.state = .merged }
            return state.pulls[number]
        }
    }

    /// A page of a list, and whether there is another.
    func page<Element>(
        _ elements: [Element],
        _ request: StubServer.Request,
        size: String,
        fallback: Int
    ) -> ([Element], Bool) {
        let size = min(request.query[size].flatMap { Int($0) } ?? fallback, state.withLock(\.pageSize))
        let number = request.query["page"].flatMap { Int($0) } ?? 1
        let rest = elements.dropFirst(size * (number - 1))
        return (Array(rest.prefix(size)), rest.count > size)
    }
}

/// A hosting service in this process.
protocol FakeHosting: Sendable {
    static var hosting: GitHosting { get }
    init(_ pulls: FakePulls)
    var pulls: FakePulls { get }
    /// The path of the repository.
    var path: String { get }
    func respond(_ request: StubServer.Request) -> StubServer.Response
}

extension FakeHosting {
    static func make() -> Self { Self(FakePulls()) }

    var answer: StubServer.Answer {
        .by { request in pulls.takeSurprise(for: request) ?? respond(request) }
    }
}

extension StubServer.Request {
    /// The query by its names.
    var query: [String: String] {
        let items = URLComponents(string: uri)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    /// The path in pieces, each of them decoded.
    var pieces: [String] {
        path.split(separator: "/").map { URLComponents(string: "/" + $0)?.path.dropFirst().description ?? String($0) }
    }

    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

extension StubServer.Response {
    static func json(_ value: JSONValue, status: Int = 200, headers: [(String, String)] = []) -> StubServer.Response {
        StubServer.Response(
            status: status,
            headers: headers + [("content-type", "application/json")],
            body: Array(value.text().utf8)
        )
    }

    static func message(_ text: String, status: Int) -> StubServer.Response {
        .json(["message": .string(text)], status: status)
    }

    /// A page of a list whose next one the header `Link` names.
    static func page(_ elements: [JSONValue], hasNext: Bool, of request: StubServer.Request) -> StubServer.Response {
        let link = ("link", "<https://elsewhere.test/next>; rel=\"next\", <https://elsewhere.test/last>; rel=\"last\"")
        return .json(.array(elements), headers: hasNext ? [link] : [])
    }
}
