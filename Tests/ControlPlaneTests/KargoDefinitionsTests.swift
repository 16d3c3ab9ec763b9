import ControlPlane
import KargoCore
import Testing

@Suite("Kargo's definitions")
struct KargoDefinitionsTests {
    @Test func `are those of all kinds`() throws {
        let definitions = try KargoDefinitions.customResourceDefinitions
        let names = definitions.compactMap { $0[path: "metadata", "name"]?.stringValue }
        #expect(
            names.sorted()
                == [
                    "clusterconfigs", "clusterpromotiontasks", "freights", "projectconfigs", "projects",
                    "promotionrequests", "promotions", "promotiontasks", "stages", "targets", "warehouses",
                ]
                .map { "\($0).kargo.akuity.io" }
        )
        for definition in definitions {
            #expect(definition["kind"] == "CustomResourceDefinition")
            #expect(definition[path: "spec", "group"] == "kargo.akuity.io")
            let versions = definition[path: "spec", "versions"]?.arrayValue ?? []
            #expect(versions.map { $0["name"] } == ["v1alpha1"])
            #expect(versions.first?[path: "schema", "openAPIV3Schema"] != nil)
        }
    }

    /// The conditions anywhere in a definition.
    private func rules(in value: JSONValue) -> Set<String> {
        var found = Set((value.arrayValue ?? []).flatMap(rules))
        for (key, member) in value.objectValue ?? [:] {
            if key == "x-kubernetes-validations" {
                found.formUnion((member.arrayValue ?? []).compactMap { $0["rule"]?.stringValue })
            } else {
                found.formUnion(rules(in: member))
            }
        }
        return found
    }

    @Test func `have a program for each of their conditions and no other`() throws {
        let texts = try KargoDefinitions.customResourceDefinitions.reduce(into: Set<String>()) { texts, definition in
            texts.formUnion(rules(in: definition))
        }
        #expect(Set(KargoDefinitions.validationRules.keys) == texts)
    }

    private static let failedErrored = "self[0] == 'Failed' || self[0] == 'Errored'"

    @Test(
        arguments: [
            ("has(self.uses) && !has(self.task)", "{uses: a}", true),
            ("has(self.uses) && !has(self.task)", "{}", false),
            ("has(self.uses) && !has(self.task)", "{uses: a, task: {}}", false),
            ("(has(self.uses) ? !has(self.task) : has(self.task))", "{uses: a}", true),
            ("(has(self.uses) ? !has(self.task) : has(self.task))", "{task: {}}", true),
            ("(has(self.uses) ? !has(self.task) : has(self.task))", "{}", false),
            ("(has(self.uses) ? !has(self.task) : has(self.task))", "{uses: a, task: {}}", false),
            ("!has(self.task) || !has(self.continueOnError)", "{task: {}}", true),
            ("!has(self.task) || !has(self.continueOnError)", "{continueOnError: false}", true),
            ("!has(self.task) || !has(self.continueOnError)", "{task: {}, continueOnError: false}", false),
            ("!has(self.task) || !has(self.retry)", "{uses: a, retry: {}}", true),
            ("!has(self.task) || !has(self.retry)", "{task: {}, retry: {}}", false),
            ("has(self.freight) != has(self.origin)", "{freight: f}", true),
            ("has(self.freight) != has(self.origin)", "{origin: {}}", true),
            ("has(self.freight) != has(self.origin)", "{}", false),
            ("has(self.freight) != has(self.origin)", "{freight: f, origin: {}}", false),
            ("has(self.stage) ? !has(self.stageSelector) : has(self.stageSelector)", "{stage: s}", true),
            ("has(self.stage) ? !has(self.stageSelector) : has(self.stageSelector)", "{stageSelector: {}}", true),
            ("has(self.stage) ? !has(self.stageSelector) : has(self.stageSelector)", "{}", false),
            ("self.size() == 0 || \(failedErrored)", "[]", true),
            ("self.size() == 0 || \(failedErrored)", "[Errored, x]", true),
            ("self.size() == 0 || \(failedErrored)", "[Succeeded]", false),
            ("self.size() == 0 || \(failedErrored)", "[Error]", false),
            ("self.size() <= 1 || self[1] == 'Failed' || self[1] == 'Errored'", "[x]", true),
            ("self.size() <= 1 || self[1] == 'Failed' || self[1] == 'Errored'", "[Failed, x]", false),
            ("self.size() == 0 || self[0] == 'Failed' || self[0] == 'Error'", "[Error]", true),
            ("self.size() == 0 || self[0] == 'Failed' || self[0] == 'Error'", "[Errored]", false),
            ("self.size() <= 1 || self[1] == 'Failed' || self[1] == 'Error'", "[x, Error]", true),
            ("self.size() <= 1 || self[1] == 'Failed' || self[1] == 'Error'", "[x, Errored]", false),
        ]
    )
    func `judge values as their conditions say`(rule: String, value: String, expected: Bool) throws {
        let program = try #require(KargoDefinitions.validationRules[rule])
        #expect(try program(JSONValue(yaml: value), nil) == expected)
    }

    @Test func `hold to values that may not change`() throws {
        let program = try #require(KargoDefinitions.validationRules["self == oldSelf"])
        #expect(program(["a": 1], nil))
        #expect(program(["a": 1], ["a": 1]))
        #expect(!program(["a": 1], ["a": 2]))
    }
}
