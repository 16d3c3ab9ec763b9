import KargoCore

/// Expressions of one kind, as manifests have them.
struct ExpressionGroup {
    let name: String
    let sources: [String]
    /// Whether they are templates rather than bare expressions.
    var areTemplates = false

    static let all = [
        ExpressionGroup(name: "a variable, `vars.imageRepo`", sources: ["vars.imageRepo"]),
        ExpressionGroup(
            name: "members",
            sources: [
                "ctx.stage", "ctx.targetFreight.name", "ctx.meta.promotion.rollback", "outputs.commit.commit",
                "outputs['open-pr'].pr.id", "task.outputs.update.commitMessage", "outputs.search.issues[0].number",
                "outputs['send-chat']?.thread?.id ?? ''", "vars.region ?? 'eu-central-1'",
            ]
        ),
        ExpressionGroup(
            name: "conditions",
            sources: [
                "status('push') == 'Errored'", "success() ? 'succeeded' : 'failed'",
                "failure() && status('open-pr') != 'Skipped'", "len(outputs.search.issues) > 0",
                "response.status >= 200 && response.status < 300", "vars.tier in ['gold', 'silver']",
                "ctx.stage == 'prod' and not ctx.meta.promotion.rollback",
            ]
        ),
        ExpressionGroup(
            name: "strings",
            sources: [
                "vars.registry + '/' + vars.imageRepo + ':' + outputs.build.tag",
                "'Coverage: ' + string(outputs.test.coverage) + ' %'", "upper(ctx.stage) + '-' + lower(vars.tier)",
                "replace(vars.branch, '/', '-')", "split(vars.imageRepo, '/')[1]", "trimPrefix(outputs.build.tag, 'v')",
                "subject contains 'feat:' || subject startsWith 'fix'",
                "outputs.build.tag matches '^v\\\\d+\\\\.\\\\d+'",
            ]
        ),
        ExpressionGroup(
            name: "collections",
            sources: [
                "join(map(outputs.approvals, '- ' + .user + (.note == nil ? '' : ': ' + .note)), '\\n')",
                "filter(outputs.search.issues, .open)[0].number", "any(labels, # in ['approved', 'lgtm'])",
                "sum(map(outputs.approvals, .weight)) >= 3", "sortBy(outputs.search.issues, .number)[0].number",
                "{'channel': vars.channel, 'blocks': [{'type': 'section', 'text': ctx.stage}]}",
            ]
        ),
        ExpressionGroup(
            name: "versions and times",
            sources: [
                "semverDiff(outputs.build.tag, vars.current) != 'Major'",
                "semverParse(vars.current).IncMinor().String()", "date('2024-01-31').AddDate(0, 1, 0).Year()",
                "now().Sub(date('2024-01-01')).Hours() > 24", "duration('1h30m').Minutes()",
            ]
        ),
        ExpressionGroup(
            name: "functions that read",
            sources: ["secret('chat').token", "imageFrom(vars.imageRepo).Tag", "secret('a').token + secret('b').token"]
        ),
        ExpressionGroup(
            name: "templates of a string",
            sources: [
                "${{ vars.imageRepo }}", "out/${{ ctx.stage }}/values.yaml", "${{ quote(outputs.search.count) }}",
                "${{ vars.registry }}/${{ vars.imageRepo }}:${{ outputs.build.tag }}",
                "${{ outputs.search.issues[0] }}",
            ],
            areTemplates: true
        ),
    ]
}

/// A step's configuration of 200 strings, of which two thirds are templates, at three depths.
enum Configuration {
    static let fieldCount = 200

    static let value: JSONValue = {
        var sections: [String: JSONValue] = [:]
        for section in 0..<(fieldCount / 20) {
            var members: [String: JSONValue] = ["enabled": true, "replicas": .int(Int64(section))]
            for field in 0..<8 { members["field\(field)"] = .string(strings[(section + field) % strings.count]) }
            members["list"] = .array((0..<6).map { .string(strings[(section + $0) % strings.count]) })
            members["nested"] = .object(
                Dictionary(uniqueKeysWithValues: (0..<6).map { ("key\($0)", .string(strings[$0 % strings.count])) })
            )
            sections["section\(section)"] = .object(members)
        }
        return .object(sections)
    }()

    private static let strings = [
        "${{ vars.imageRepo }}", "values.yaml", "out/${{ ctx.stage }}/values.yaml", "${{ outputs.commit.commit }}",
        "a text without any expression, as most of them are", "${{ quote(outputs.search.count) }}",
        "${{ vars.registry }}/${{ vars.imageRepo }}:${{ outputs.build.tag }}", "main",
        "${{ ctx.stage == 'prod' ? 3 : 1 }}",
    ]
}

/// What the names stand for, laid out as in a Promotion.
enum Surroundings {
    static let environment: ExpressionEnvironment = {
        var environment = ExpressionEnvironment(variables: variables, functions: functions)
        environment.clock = { GoTime(secondsSince1970: 1_750_000_000) }
        return environment
    }()

    private static let issues: ExpressionValue = .array(
        (1...10).map { ["number": .int(100 - $0), "open": .bool($0 > 3), "title": .string("Issue \($0)")] }
    )

    private static let variables: [String: ExpressionValue] = [
        "vars": [
            "imageRepo": "team/frontend", "registry": "registry.example.org", "branch": "feature/new-login",
            "tier": "silver", "channel": "#deployments", "current": "1.4.2",
        ],
        "ctx": [
            "project": "shop", "stage": "prod", "promotion": "prod.01hx.abcdef",
            "targetFreight": ["name": "f00dfeed", "alias": "blue-whale"],
            "meta": ["promotion": ["actor": "admin", "rollback": false], "step": ["alias": "update"]],
        ],
        "outputs": [
            "commit": ["commit": "0123456789abcdef"], "open-pr": ["pr": ["id": 42]], "build": ["tag": "v1.5.0"],
            "test": ["coverage": 87.5], "search": ["issues": issues, "count": 10],
            "approvals": [
                ["user": "ann", "weight": 2], ["user": "bob", "weight": 1, "note": "after lunch"],
                ["user": "eve", "weight": 1],
            ],
        ],
        "task": ["outputs": ["update": ["commitMessage": "Update the image"]]],
        "response": ["status": 204], "subject": "feat: add a login", "labels": ["bug", "lgtm"],
    ]

    private static let functions = [
        ExpressionFunction.semverDiff, .semverParse,
        ExpressionFunction("status", arity: 1...1) { _ in "Errored" },
        ExpressionFunction("success", arity: 0...0) { _ in true },
        ExpressionFunction("failure", arity: 0...0) { _ in true },
        ExpressionFunction("secret", arity: 1...1, reading: { _ in .map(ExpressionMap(texts: ["token": "t0ken"])) }),
        ExpressionFunction(
            "imageFrom",
            arity: 1...2,
            reading: { arguments in
                .record(
                    ExpressionRecord(
                        typeName: "unknown",
                        fields: [
                            .init("RepoURL", jsonName: "repoURL", arguments[0]),
                            .init("Tag", jsonName: "tag", "1.27.0"),
                        ]
                    )
                )
            }
        ),
    ]
}
