extension ExpressionInterpreter {
    /// Calls a function of the environment, or a variable that holds one.
    mutating func call(
        _ nameIndex: Int32,
        _ list: ExpressionTree.NodeList,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let name = parsed.tree.names[Int(nameIndex)]
        if let function = function(named: name) {
            return try call(function, try evaluateAll(list), at: id)
        }
        guard let value = environment.variables[name] else {
            let similar = environment.functions.keys.first { $0.lowercased() == name.lowercased() }
            let remedy = similar.map { "; did you mean \($0)()?" } ?? ""
            throw interruption("there is no function '\(name)' here\(remedy)", at: id)
        }
        return try invoke(value, list, at: id)
    }

    mutating func evaluateInvocation(
        of callee: NodeID,
        _ list: ExpressionTree.NodeList,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try invoke(try evaluate(callee), list, at: id)
    }

    mutating func invoke(
        _ callee: ExpressionValue,
        _ list: ExpressionTree.NodeList,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        guard case .function(let function) = callee else {
            throw interruption("\(callee.kind.withArticle) can't be called", at: id)
        }
        return try call(function, try evaluateAll(list), at: id)
    }

    private mutating func call(
        _ function: ExpressionFunction,
        _ values: [ExpressionValue],
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        guard function.arity.contains(values.count) else {
            throw interruption(function.arity.complaint(about: function.name, count: values.count), at: id)
        }
        let arguments = ExpressionArguments(functionName: function.name, values: values)
        try spend(ExpressionBudget.stepsPerCall + 4 * arguments.size, at: id)
        switch function.body {
        case .immediate(let body):
            let result: ExpressionValue
            do {
                result = try body(arguments)
            } catch {
                throw interruption(function.failure(error), at: id)
            }
            try spend(result.textCost, at: id)
            return result
        case .reading:
            // The arguments will be compared with those of earlier calls.
            for value in values { try spendOnAll(of: value, at: id) }
            guard let answer = answers[function, arguments] else { throw .awaiting(function, arguments, at: id) }
            return answer
        }
    }

    private mutating func spendOnAll(of value: ExpressionValue, at id: NodeID) throws(ExpressionInterruption) {
        try spend(1 + value.textCost, at: id)
        switch value {
        case .array(let elements):
            for element in elements { try spendOnAll(of: element, at: id) }
        case .map(let map):
            try spend(map.keyCost, at: id)
            for value in map.values { try spendOnAll(of: value, at: id) }
        case .record(let record):
            for field in record.fields { try spendOnAll(of: field.value, at: id) }
        default:
            break
        }
    }

    mutating func call(
        _ builtin: ExpressionBuiltin,
        _ list: ExpressionTree.NodeList,
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        try apply(builtin, to: try evaluateAll(list), at: id)
    }

    private mutating func apply(
        _ builtin: ExpressionBuiltin,
        to values: [ExpressionValue],
        at id: NodeID
    ) throws(ExpressionInterruption) -> ExpressionValue {
        let arguments = ExpressionArguments(functionName: builtin.rawValue, values: values)
        do throws(ExpressionError) {
            try budget.spend(steps: arguments.size)
            return try builtin.apply(to: arguments, at: &moment, &budget)
        } catch {
            throw interruption(error, at: id)
        }
    }
}

extension ExpressionArguments {
    /// About how many steps it takes to look at all of them.
    fileprivate var size: Int {
        values.reduce(0) { sum, value in
            switch value {
            case .string, .bytes: sum + value.textCost
            case .array(let elements): sum + elements.count
            case .map(let map): sum + map.count
            case .version(let version): sum + version.prerelease.utf8.count
            default: sum
            }
        }
    }
}
