import KargoCore
import Testing

@testable import KubernetesClient

@Suite("Store of objects")
struct ObjectStoreTests {
    private let store = ObjectStore<PartialObject>(
        indexes: [
            ObjectIndex("color") { $0.metadata.labels["color"].map { [$0] } ?? [] },
            ObjectIndex("words") { $0.metadata.annotations.keys.sorted() },
        ]
    )

    private func object(
        _ name: String,
        _ version: Int,
        uid: String? = nil,
        color: String? = nil,
        words: String...
    ) -> PartialObject {
        var object = PartialObject()
        object.metadata.name = name
        object.metadata.uid = uid ?? name
        object.metadata.resourceVersion = "\(version)"
        if let color { object.metadata.labels["color"] = color }
        for word in words { object.metadata.annotations[word] = "" }
        return object
    }

    private func texts(_ changes: [ObjectChange<PartialObject>]) -> [String] {
        changes.map { change in
            let meta = change.object.metadata
            return switch change {
            case .added: "+\(meta.uid)\(meta.resourceVersion)"
            case .updated(let old, _): "~\(meta.uid)\(old.metadata.resourceVersion)>\(meta.resourceVersion)"
            case .deleted: "-\(meta.uid)\(meta.resourceVersion)"
            }
        }
    }

    private func names(_ index: String, _ value: String) -> Set<String> {
        Set(store.lookUp(index, value).map(\.metadata.name))
    }

    @Test func `finds objects by each value of each index as they come, change and go`() {
        _ = store.replaceAll(
            [object("a", 1, color: "red", words: "x", "y"), object("b", 2, color: "red"), object("c", 3)],
            version: "3"
        )
        #expect(names("color", "red") == ["a", "b"])
        #expect(names("words", "y") == ["a"])
        _ = store.apply(object("a", 4, color: "blue", words: "y", "z"))
        #expect(names("color", "red") == ["b"])
        #expect(names("color", "blue") == ["a"])
        #expect(names("words", "x") == [])
        #expect(names("words", "z") == ["a"])
        store.note(object("b", 5, color: "blue"))
        #expect(names("color", "blue") == ["a", "b"])
        _ = store.remove(object("a", 6))
        _ = store.replaceAll([object("c", 3, color: "green")], version: "7")
        #expect(names("color", "blue") == [])
        #expect(names("words", "y") == [])
    }

    @Test func `tells of an object made anew as of another one`() {
        _ = store.replaceAll([object("a", 1)], version: "1")
        #expect(texts(store.replaceAll([object("a", 5, uid: "a'")], version: "5")) == ["-a1", "+a'5"])
        #expect(texts(store.apply(object("a", 7, uid: "a''"))) == ["-a'5", "+a''7"])
        #expect(texts(store.remove(object("a", 6, uid: "a'"))) == [])
        #expect(store.get(ObjectKey(name: "a"))?.metadata.uid == "a''")
    }

    @Test func `keeps what its writer noted after a list was made`() {
        _ = store.replaceAll([object("a", 1), object("b", 1)], version: "1")
        store.note(object("a", 9))
        store.note(object("b", 4))
        // Of b the list says that it has been set back.
        #expect(texts(store.replaceAll([object("a", 1), object("b", 2)], version: "6")) == ["~b1>2"])
        #expect(store.get(ObjectKey(name: "a"))?.metadata.resourceVersion == "9")
        #expect(store.confirm(["metadata": ["name": "a", "resourceVersion": "9"]]) != nil)
        #expect(texts(store.apply(object("a", 9))) == [])
    }

    @Test func `tells of deletion what handlers heard last`() {
        _ = store.replaceAll([object("a", 1)], version: "1")
        store.note(object("a", 3))
        #expect(texts(store.replaceAll([], version: "5")) == ["-a1"])
    }
}

@Suite("Lists in pages")
struct ListPagingTests {
    private func page(_ names: String..., next: String = "", version: String = "7") -> ScriptedAPI.Answer {
        let items = names.map { JSONValue.object(["metadata": ["name": .string($0)]]) }
        let metadata: JSONValue = ["resourceVersion": .string(version), "continue": .string(next)]
        return .whole(200, ["metadata": metadata, "items": .array(items)])
    }

    private func list(_ answers: ScriptedAPI.Answer...) async throws -> (names: [String?], requests: [String]) {
        let api = ScriptedAPI(answers)
        let list = try await api.list(.pods)
        api.finish()
        var requests: [String] = []
        for await request in api.requests { requests.append(request) }
        #expect(list.resourceVersion == "7")
        return (list.items.map { $0[path: "metadata", "name"]?.stringValue }, requests)
    }

    @Test func `reads on where the last page ended`() async throws {
        let (names, requests) = try await list(page("a", "b", next: "t1"), page("c", next: "t2"), page("d"))
        #expect(names == ["a", "b", "c", "d"])
        let base = "/api/v1/pods?limit=500"
        #expect(requests == [base, base + "&continue=t1", base + "&continue=t2"])
    }

    @Test func `reads all at once when the server has forgotten the pages`() async throws {
        let gone: JSONValue = ["kind": "Status", "code": 410, "reason": "Expired", "message": "too old"]
        let (names, requests) = try await list(page("a", next: "t1", version: "5"), .whole(410, gone), page("b", "c"))
        #expect(names == ["b", "c"])
        #expect(requests.last == "/api/v1/pods")
    }

    @Test func `does not begin anew for ever`() async {
        let gone: JSONValue = ["kind": "Status", "code": 410, "reason": "Expired", "message": "too old"]
        let error = await #expect(throws: KubernetesError.self) {
            try await list(page("a", next: "t1"), .whole(410, gone), .whole(410, gone), page("a"))
        }
        #expect(error?.code == .expired)
    }
}

@Suite("Changes of what others change too")
struct ModifyTests {
    @Test func `are given up when somebody else is faster each time`() async throws {
        let object: JSONValue = ["metadata": ["name": "p", "resourceVersion": "3"]]
        let conflict: JSONValue = ["kind": "Status", "code": 409, "reason": "Conflict", "message": "changed"]
        let api = ScriptedAPI([
            .whole(200, object), .whole(409, conflict), .whole(200, object), .whole(409, conflict), .whole(200, object),
        ])
        let error = await #expect(throws: KubernetesError.self) {
            _ = try await api.modify(
                .pods,
                namespace: "n",
                name: "p",
                attempts: 2,
                backoff: Backoff(first: .zero, longest: .zero)
            ) { $0["spec"] = ["a": 1] }
        }
        #expect(error?.code == .conflict)
        api.finish()
        var count = 0
        for await _ in api.requests { count += 1 }
        #expect(count == 4)
    }
}
