import KubernetesClient

/// Metrics in Prometheus' text format, version 0.0.4.
enum PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Writes metrics down; those of one name become one.
    static func render(_ metrics: [Metric]) -> String {
        var names: [String] = []
        var byName: [String: Metric] = [:]
        for metric in metrics {
            if byName[metric.name] == nil {
                names.append(metric.name)
                byName[metric.name] = metric
            } else {
                byName[metric.name]?.samples += metric.samples
            }
        }
        var text = ""
        for metric in names.compactMap({ byName[$0] }) {
            text += "# HELP \(metric.name) \(escaped(metric.help, quote: false))\n"
            text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples { append(sample, of: metric.name, to: &text) }
        }
        return text
    }

    private static func append(_ sample: Metric.Sample, of name: String, to text: inout String) {
        func line(_ suffix: String, _ more: [(name: String, value: String)], _ number: String) {
            let labels = (sample.labels + more).map { "\($0.name)=\"\(escaped($0.value, quote: true))\"" }
            text += name + suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(number)\n"
        }
        switch sample.value {
        case .number(let number): line("", [], self.number(number))
        case .durations(let histogram):
            var count = 0
            let limits = DurationHistogram.limits.map(number) + ["+Inf"]
            for (limit, inClass) in zip(limits, histogram.counts) {
                count += inClass
                line("_bucket", [(name: "le", value: limit)], String(count))
            }
            line("_sum", [], number(histogram.sum))
            line("_count", [], String(count))
        }
    }

    private static func number(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return String(whole) }
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "+Inf" : "-Inf" }
        return String(number)
    }

    private static func escaped(_ text: String, quote: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quote: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
