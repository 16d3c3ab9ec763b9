import KargoCore

/// The functions that expressions have where there is no Promotion.
enum OfflineFunctions {
    /// What looks at the Freight of a Promotion, or at objects of its Project.
    private static let bound = [
        "warehouse", "commitFrom", "imageFrom", "chartFrom", "artifactFrom", "configMap", "sharedConfigMap", "secret",
        "sharedSecret", "freightMetadata", "freightStatus", "stageMetadata",
    ]

    /// The functions that need no cluster, which answer as before the first step of a Promotion, and those that do,
    /// which say so.
    static let all: [ExpressionFunction] =
        [
            .semverParse, .semverDiff,
            ExpressionFunction("always", arity: 0...0) { _ in true },
            ExpressionFunction("success", arity: 0...0) { _ in true },
            ExpressionFunction("failure", arity: 0...0) { _ in false },
            ExpressionFunction("status", arity: 1...1) { _ in "" },
        ]
        + bound.map { name in
            ExpressionFunction(name, arity: 0...Int.max) { _ in
                throw ExpressionError("\(name)() needs --stage and --freight")
            }
        }
}
