import KubernetesClient
import Testing

@testable import KargoControllers

@Suite("Prometheus text")
struct PrometheusTextTests {
    @Test func `has a header for each name, and a line for each number`() {
        var durations = DurationHistogram()
        for milliseconds in [4, 4, 700, 3_600_000] { durations.add(.milliseconds(milliseconds)) }
        let text = PrometheusText.render([
            Metric(
                "a_total",
                .counter,
                "One\nand \\ \"two\".",
                [
                    Metric.Sample(["x": "1\n\"\\é", "y": ""], .number(3)), Metric.Sample([:], .number(0.25)),
                ]
            ),
            Metric("t_seconds", .histogram, "Times.", [Metric.Sample(["c": "p"], .durations(durations))]),
            Metric("a_total", .counter, "Not told again.", 1e15),
        ])
        let lines = text.split(separator: "\n").map(String.init)
        #expect(text.hasSuffix("\n"))
        #expect(
            lines.prefix(5) == [
                #"# HELP a_total One\nand \\ "two"."#, "# TYPE a_total counter", #"a_total{x="1\n\"\\é",y=""} 3"#,
                "a_total 0.25", "a_total 1000000000000000",
            ]
        )
        #expect(lines.contains("# TYPE t_seconds histogram"))
        #expect(lines.contains(#"t_seconds_bucket{c="p",le="0.005"} 2"#))
        #expect(lines.contains(#"t_seconds_bucket{c="p",le="0.5"} 2"#))
        #expect(lines.contains(#"t_seconds_bucket{c="p",le="1"} 3"#))
        #expect(lines.contains(#"t_seconds_bucket{c="p",le="1800"} 3"#))
        #expect(lines.contains(#"t_seconds_bucket{c="p",le="+Inf"} 4"#))
        #expect(lines.contains(#"t_seconds_sum{c="p"} 3600.708"#))
        #expect(lines.contains(#"t_seconds_count{c="p"} 4"#))
    }

    @Test(arguments: [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (-2, "-2"), (1e300, "1e+300")])
    func `writes every number`(number: Double, text: String) {
        #expect(PrometheusText.render([Metric("n", .gauge, "", number)]).hasSuffix("\nn \(text)\n"))
    }

    @Test func `objects of a sort that is not known count as the last one`() {
        let source = ObjectCountMetrics("n", "N.", label: "phase", sorts: ["Running", "Other"]) {
            ["Running": 2, "Sleeping": 3, "Other": 1]
        }
        let text = PrometheusText.render(source.metrics())
        #expect(text.hasSuffix("n{phase=\"Running\"} 2\nn{phase=\"Other\"} 4\n"))
    }
}
