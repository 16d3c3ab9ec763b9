import KargoCore
import Testing

@testable import LocalCluster

@Suite("Writes", .timeLimit(.minutes(1)))
struct WriteTests {
    private static let maps = HandlerFixture.configMaps
    private static let widgets = HandlerFixture.widgets

    private func widget(_ name: String, _ spec: JSONValue = ["color": "red"]) -> JSONValue {
        ["metadata": ["name": .string(name)], "spec": spec]
    }

    @Test func `get versions of one sequence over all kinds`() async throws {
        try await HandlerFixture.with { cluster in
            let answers = [
                try await cluster.createConfigMap("a"), try await cluster.create(Self.widgets, widget("w")),
                try await cluster.create("/api/v1/namespaces", ["metadata": ["name": "n"]]),
                try await cluster.merge("\(Self.maps)/a", ["data": ["k": "v"]]),
                try await cluster.merge("\(Self.widgets)/w/status", ["status": ["x": 1]]),
            ]
            let versions = answers.compactMap { UInt64($0.version) }
            #expect(versions.count == 5 && versions == versions.sorted() && Set(versions).count == 5)
            let last = try #require(versions.last)
            #expect(try await cluster.get("/api/v1/namespaces/team/configmaps").version == String(last))
        }
    }

    @Test func `of fifty writers at once are none lost`() async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.create(Self.maps, ["metadata": ["name": "count"], "data": ["n": "0"]])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<50 {
                    group.addTask {
                        // One half reads and replaces, the other half patches.
                        if writer.isMultiple(of: 2) {
                            try await cluster.merge("\(Self.maps)/count", ["data": ["w\(writer)": "x"]])
                            return
                        }
                        while true {
                            var object = try await cluster.get("\(Self.maps)/count").object
                            let number = Int(object[path: "data", "n"]?.stringValue ?? "") ?? 0
                            object[path: "data", "n"] = .string(String(number + 1))
                            let answer = try await cluster.send("PUT", "\(Self.maps)/count", object)
                            if answer.status == 200 { return }
                            #expect(answer.status == 409 && answer.object["reason"] == "Conflict")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let data = try await cluster.get("\(Self.maps)/count").object["data"]?.objectValue
            #expect(data?["n"] == "25")
            #expect(data?.count == 26)
        }
    }

    @Test func `of a custom kind must say which version they replace`() async throws {
        try await HandlerFixture.with { cluster in
            let created = try await cluster.create(Self.widgets, widget("w"))
            let refused = try await cluster.send("PUT", "\(Self.widgets)/w", widget("w", ["color": "green"]))
            #expect(refused.status == 422)
            #expect(
                refused.message.contains(
                    "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"
                )
            )
            var object = created.object
            object[path: "spec", "color"] = "green"
            #expect(try await cluster.send("PUT", "\(Self.widgets)/w", object).status == 200)
            #expect(try await cluster.send("PUT", "\(Self.widgets)/w", object).status == 409)
        }
    }

    @Test func `make names that fit a label`() async throws {
        try await HandlerFixture.with { cluster in
            for prefix in ["run-", String(repeating: "x", count: 100)] {
                let made = try await cluster.create(Self.maps, ["metadata": ["generateName": .string(prefix)]])
                let name = made.object[path: "metadata", "name"]?.stringValue ?? ""
                #expect(name.hasPrefix(prefix.prefix(58)) && name.count == min(prefix.count, 58) + 5)
                #expect(made.object[path: "metadata", "generateName"] == .string(prefix))
            }
        }
    }

    @Test func `of the status go on when a new schema would refuse the spec`() async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.create(Self.widgets, widget("w"))
            let definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
            var crd = try await cluster.get(definition).object
            let text = crd.text().replacing("\"enum\":[\"red\",\"green\"]", with: "\"enum\":[\"blue\"]")
            crd = try JSONValue(parsing: text)
            #expect(try await cluster.send("PUT", definition, crd).status == 200)
            let path = "\(Self.widgets)/w"
            #expect(try await cluster.merge("\(path)/status", ["status": ["x": 1]]).status == 200)
            let refused = try await cluster.merge(path, ["spec": ["size": 5]])
            #expect(refused.status == 422)
        }
    }

    @Test func `count generations of what is neither metadata nor status`() async throws {
        try await HandlerFixture.with { cluster in
            var object = widget("w")
            object[path: "metadata", "finalizers"] = ["example.com/hold"]
            let path = "\(Self.widgets)/w"
            let answers = [
                try await cluster.create(Self.widgets, object),
                try await cluster.merge(path, ["metadata": ["labels": ["a": "b"]]]),
                try await cluster.merge("\(path)/status", ["status": ["x": 1]]),
                try await cluster.merge(path, ["spec": ["size": 5]]),
                try await cluster.send("DELETE", path),
                try await cluster.createConfigMap("a"),
            ]
            #expect(answers.map { $0.object[path: "metadata", "generation"] } == [1, 1, 1, 2, 3, nil])
        }
    }

    @Test func `that are dry change nothing`() async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.createConfigMap("a")
            let version = cluster.handler.store.version
            let made = try await cluster.send("POST", "\(Self.maps)?dryRun=All", ["metadata": ["generateName": "x-"]])
            #expect(made.status == 201 && made.object[path: "metadata", "name"]?.stringValue?.count == 7)
            #expect(made.version.isEmpty && !made.uid.isEmpty)
            #expect(
                try await cluster.send("POST", "\(Self.maps)?dryRun=All", ["metadata": ["name": "a"]]).status == 409
            )
            let patched = try await cluster.merge("\(Self.maps)/a?dryRun=All", ["data": ["k": "v"]])
            #expect(patched.object["data"] == ["k": "v"])
            #expect(try await cluster.send("DELETE", "\(Self.maps)/a?dryRun=All").status == 200)
            #expect(try await cluster.send("DELETE", "\(Self.maps)/a", ["dryRun": ["All"]]).status == 200)
            #expect(try await cluster.send("DELETE", "\(Self.maps)?dryRun=All").status == 200)
            #expect(try await cluster.send("DELETE", "\(Self.maps)/a?dryRun=Some").status == 400)
            #expect(cluster.handler.store.version == version)
        }
    }

    @Test(arguments: [
        ("Strict", 400, []), ("Warn", 201, ["299 - \"duplicate field", "299 - \"unknown field"]), ("Ignore", 201, []),
        ("", 201, ["299 - \"duplicate field", "299 - \"unknown field"]), ("Other", 400, []),
    ])
    func `with unknown and duplicate fields are refused, told or taken`(
        validation: String,
        status: Int,
        warnings: [String]
    ) async throws {
        try await HandlerFixture.with { cluster in
            let bodies = [
                (Self.widgets, #"{"metadata":{"name":"w"},"spec":{"color":"red","color":"green","stray":1}}"#),
                (Self.maps, #"{"metadata":{"name":"w"},"data":{"k":"a","k":"b"},"stray":1}"#),
            ]
            for (path, body) in bodies {
                let call = cluster.call("POST", "\(path)?fieldValidation=\(validation)", Array(body.utf8))
                let answer = try await cluster.send(call)
                #expect(answer.status == status, "\(answer.message)")
                #expect(answer.warnings.count == warnings.count)
                #expect(zip(answer.warnings, warnings).allSatisfy { $0.hasPrefix($1) }, "\(answer.warnings)")
                if validation == "Strict" {
                    #expect(answer.message.contains("strict decoding error: duplicate field"))
                    #expect(answer.message.contains(", unknown field"))
                }
                if status == 201 {
                    #expect(answer.object["stray"] == nil && answer.object[path: "spec", "stray"] == nil)
                }
            }
        }
    }

    @Test func `that patch are checked for unknown and duplicate fields too`() async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.create(Self.widgets, widget("w"))
            let strict = try await cluster.merge("\(Self.widgets)/w?fieldValidation=Strict", ["spec": ["stray": 1]])
            #expect(strict.status == 422)
            #expect(strict.message.contains("strict decoding error: unknown field \"spec.stray\""))
            let body = Array(#"{"spec":{"size":4,"size":5}}"#.utf8)
            let call = cluster.call("PATCH", "\(Self.widgets)/w", body, contentType: "application/merge-patch+json")
            let warned = try await cluster.send(call)
            #expect(warned.status == 200 && warned.warnings == ["299 - \"duplicate field \\\"spec.size\\\"\""])
        }
    }

    @Test func `can't give an object that is going away new finalizers`() async throws {
        try await HandlerFixture.with { cluster in
            var object = widget("w")
            object[path: "metadata", "finalizers"] = ["example.com/hold"]
            try await cluster.create(Self.widgets, object)
            _ = try await cluster.send("DELETE", "\(Self.widgets)/w")
            let more = try await cluster.merge(
                "\(Self.widgets)/w",
                ["metadata": ["finalizers": ["example.com/hold", "example.com/more"]]]
            )
            #expect(more.status == 422 && more.message.contains("no new finalizers can be added"))
            _ = try await cluster.merge("\(Self.widgets)/w", ["metadata": ["finalizers": nil]])
            #expect(try await cluster.get("\(Self.widgets)/w").status == 404)
        }
    }

    @Test func `of too much data are refused`() async throws {
        try await HandlerFixture.with { cluster in
            let data: JSONValue = ["k": .string(String(repeating: "x", count: 1 << 20 + 1))]
            let answer = try await cluster.send("POST", Self.maps, ["metadata": ["name": "big"], "data": data])
            #expect(answer.status == 422 && answer.message.contains("Too long: may not be more than 1048576 bytes"))
        }
    }
}
