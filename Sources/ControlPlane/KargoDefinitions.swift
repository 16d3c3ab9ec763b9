public import KargoCore

/// The CustomResourceDefinitions of Kargo's kinds, and the conditions in them.
public enum KargoDefinitions {
    /// The CustomResourceDefinitions.
    ///
    /// - Throws: `SyntaxError` if one of the embedded texts is not YAML, which a test rules out.
    public static var customResourceDefinitions: [JSONValue] {
        get throws { try texts.map { try JSONValue(yaml: String(decoding: $0, as: UTF8.self)) } }
    }

    private static var texts: [[UInt8]] {
        [
            PackageResources.clusterconfigs_yaml, PackageResources.clusterpromotiontasks_yaml,
            PackageResources.freights_yaml, PackageResources.projectconfigs_yaml, PackageResources.projects_yaml,
            PackageResources.promotionrequests_yaml, PackageResources.promotions_yaml,
            PackageResources.promotiontasks_yaml, PackageResources.stages_yaml, PackageResources.targets_yaml,
            PackageResources.warehouses_yaml,
        ]
    }

    /// The conditions in the definitions, as programs; the keys are their texts.
    public static let validationRules: [String: @Sendable (JSONValue, JSONValue?) -> Bool] = [
        "has(self.uses) && !has(self.task)": { step, _ in step["uses"] != nil && step["task"] == nil },
        "(has(self.uses) ? !has(self.task) : has(self.task))": { step, _ in
            (step["uses"] != nil) != (step["task"] != nil)
        },
        "!has(self.task) || !has(self.continueOnError)": { step, _ in
            step["task"] == nil || step["continueOnError"] == nil
        },
        "!has(self.task) || !has(self.retry)": { step, _ in step["task"] == nil || step["retry"] == nil },
        "has(self.freight) != has(self.origin)": { spec, _ in (spec["freight"] != nil) != (spec["origin"] != nil) },
        "has(self.stage) ? !has(self.stageSelector) : has(self.stageSelector)": { policy, _ in
            (policy["stage"] != nil) != (policy["stageSelector"] != nil)
        },
        "self == oldSelf": { value, old in old.map { $0 == value } ?? true },
        "self.size() == 0 || self[0] == 'Failed' || self[0] == 'Errored'": { list, _ in
            element(list, 0, ["Failed", "Errored"])
        },
        "self.size() <= 1 || self[1] == 'Failed' || self[1] == 'Errored'": { list, _ in
            element(list, 1, ["Failed", "Errored"])
        },
        "self.size() == 0 || self[0] == 'Failed' || self[0] == 'Error'": { list, _ in
            element(list, 0, ["Failed", "Error"])
        },
        "self.size() <= 1 || self[1] == 'Failed' || self[1] == 'Error'": { list, _ in
            element(list, 1, ["Failed", "Error"])
        },
    ]

    /// Whether a list has no element at a place, or one of these.
    private static func element(_ list: JSONValue, _ index: Int, _ allowed: [JSONValue]) -> Bool {
        guard let elements = list.arrayValue, elements.indices.contains(index) else { return true }
        return allowed.contains(elements[index])
    }
}
