extension ExpressionValue {
    /// A method of the value, as something to call; nothing if it has no such method.
    func method(named name: String) -> ExpressionFunction? {
        switch self {
        case .time(let time):
            TimeMethod(rawValue: name)
                .map { method in
                    ExpressionFunction(name, arity: method.arity...method.arity) { try method.apply(to: time, $0) }
                }
        case .duration(let duration):
            DurationMethod(rawValue: name)
                .map { method in
                    ExpressionFunction(name, arity: method.arity...method.arity) { try method.apply(to: duration, $0) }
                }
        case .version(let version):
            VersionMethod(rawValue: name)
                .map { method in
                    ExpressionFunction(name, arity: method.arity...method.arity) { try method.apply(to: version, $0) }
                }
        case .zone(let zone): name == "String" ? .constant(name, .string(zone.name)) : nil
        case .calendar(let unit): name == "String" ? .constant(name, .string(unit.description)) : nil
        default: nil
        }
    }
}

extension ExpressionFunction {
    fileprivate static func constant(_ name: String, _ value: ExpressionValue) -> ExpressionFunction {
        ExpressionFunction(name, arity: 0...0) { _ in value }
    }
}

extension ExpressionKind {
    /// Whether all members are methods that are known before evaluation.
    var hasOnlyMethods: Bool {
        switch self {
        case .time, .duration, .zone, .calendar: true
        default: false
        }
    }

    /// The kind of what a method gives; nothing if there is no such method.
    func result(ofMethod name: String) -> ExpressionKind? {
        switch self {
        case .time: TimeMethod(rawValue: name)?.result
        case .duration: DurationMethod(rawValue: name)?.result
        case .zone, .calendar: name == "String" ? .string : nil
        default: nil
        }
    }
}
