import KargoCore

/// Twenty keys in a file of 10,000 lines.
enum YAMLUpdate {
    private static let runs = 25

    static func run(_ bench: Workbench) async throws -> [Row] {
        let services = (0..<2000)
            .map { number in
                """
                service\(number):
                  image: registry.example.com/team/service\(number)
                  tag: v1.\(number).0 # the tag
                  replicas: \(number)
                  enabled: true

                """
            }
        try bench.write(services.joined(), to: "values.yaml")
        var times: [Duration] = []
        for run in 0..<runs {
            let updates = (0..<20)
                .map { number in
                    JSONValue.object([
                        "key": .string("service\(number * 100).tag"), "value": .string("v2.\(run).\(number)"),
                    ])
                }
            times.append(try await bench.time("yaml-update", ["path": "values.yaml", "updates": .array(updates)]))
        }
        return [Row(name: "`yaml-update` of 20 keys in a file of 10,000 lines", times: Times(times), aim: "20 ms")]
    }
}
