public import KubernetesClient

/// Tells numbers about a part of the program, as often as somebody asks.
///
/// Labels have few values: kinds, phases, codes, never names of objects, and nothing that is secret.
public protocol MetricSource: Sendable {
    /// The numbers as they are now.
    func metrics() -> [Metric]
}

/// Numbers of one name, told apart by labels.
public struct Metric: Sendable {
    /// What the numbers are.
    public enum Kind: String, Sendable {
        /// They only grow.
        case counter
        /// They go up and down.
        case gauge
        /// They count durations by their length.
        case histogram
    }

    /// One of the numbers.
    public struct Sample: Sendable {
        /// What a number is made of.
        public enum Value: Sendable {
            /// A number.
            case number(Double)
            /// Durations, of a histogram.
            case durations(DurationHistogram)
        }

        let labels: [(name: String, value: String)]
        let value: Value

        /// Makes a number.
        public init(_ labels: KeyValuePairs<String, String>, _ value: Value) {
            self.labels = labels.map { (name: $0.key, value: $0.value) }
            self.value = value
        }
    }

    let name: String
    let kind: Kind
    let help: String
    var samples: [Sample]

    /// Makes a metric.
    ///
    /// - Parameters:
    ///   - name: The name, with its unit.
    ///   - kind: What the numbers are.
    ///   - help: What they mean.
    ///   - samples: The numbers, by their labels.
    public init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// Makes a metric of one number without labels.
    public init(_ name: String, _ kind: Kind, _ help: String, _ number: Double) {
        self.init(name, kind, help, [Sample([:], .number(number))])
    }
}
