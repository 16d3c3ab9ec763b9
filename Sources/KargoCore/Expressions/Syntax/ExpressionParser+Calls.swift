extension ExpressionParser {
    /// The arguments of a call of `name`, the first of which may have been piped in.
    mutating func parseCall(_ name: ExpressionToken, piped: NodeID?) throws(ExpressionError) -> NodeID {
        let text = text(of: name)
        let function = LanguageFunction.named[text]
        if case .loop(let loop) = function { return try parseLoop(loop, name, piped: piped) }
        let arguments = try parseArguments(after: piped)
        if case .builtin(let builtin) = function {
            try check(arguments, of: builtin, at: name.range)
            return try add(
                .builtin(builtin, makeList(arguments)),
                at: name.range,
                kind: builtin.result,
                over: arguments
            )
        }
        if text == "$env" { throw error("$env is a map and can't be called", at: name.range) }
        if let slot = slot(of: text) {
            let callee = try add(.local(slot), at: name.range)
            return try add(.invocation(callee, makeList(arguments)), at: name.range, over: arguments + [callee])
        }
        return try add(.call(makeName(text), makeList(arguments)), at: name.range, over: arguments)
    }

    /// Reads `(…)`; an argument that was piped in goes first.
    mutating func parseArguments(after piped: NodeID? = nil) throws(ExpressionError) -> [NodeID] {
        try expect(.leftParenthesis)
        var arguments: [NodeID] = []
        if let piped { arguments.append(piped) }
        var isFirst = true
        while current.kind != .rightParenthesis {
            if !isFirst {
                try expect(.comma)
                if current.kind == .rightParenthesis { break }
            }
            isFirst = false
            arguments.append(try parseExpression())
        }
        try expect(.rightParenthesis)
        return arguments
    }

    private mutating func check(
        _ arguments: [NodeID],
        of builtin: ExpressionBuiltin,
        at range: Range<Int>
    ) throws(ExpressionError) {
        guard builtin.arity.contains(arguments.count) else {
            throw error(builtin.arity.complaint(about: builtin.rawValue, count: arguments.count), at: range)
        }
        for (position, argument) in arguments.enumerated() {
            let kind = tree.kind(of: argument)
            if kind == .null, !builtin.takesNil(at: position) {
                throw error("\(builtin.rawValue) takes no nil", at: argument)
            }
            if position == 0, kind != .null, !builtin.canTake(kind) {
                throw error("\(builtin.rawValue) takes nothing from \(kind.withArticle)", at: argument)
            }
            if kind == .double, builtin.integerParameters.contains(position) {
                throw error("argument \(position + 1) of \(builtin.rawValue) must be an int", at: argument)
            }
        }
    }

    // MARK: Loops

    private mutating func parseLoop(
        _ function: LoopFunction,
        _ name: ExpressionToken,
        piped: NodeID?
    ) throws(ExpressionError) -> NodeID {
        try expect(.leftParenthesis)
        let collection: NodeID
        var body: NodeID?
        if let piped {
            collection = piped
            if !function.bodyIsOptional || current.kind != .rightParenthesis { body = try parseBody(of: function) }
        } else {
            collection = try parseExpression()
            if !function.bodyIsOptional || current.kind != .rightParenthesis {
                guard try take(.comma) else { throw missingBody(of: function, name) }
                body = try parseBody(of: function)
            }
        }
        var option: NodeID?
        if function.takesOption, current.kind != .rightParenthesis {
            try expect(.comma)
            option = try parseExpression()
        }
        _ = try take(.comma)
        try expect(.rightParenthesis)
        let kind = tree.kind(of: collection)
        guard kind.canBe(.array) || kind == .bytes else {
            throw error("\(function.rawValue) needs an array, and this is \(kind.withArticle)", at: collection)
        }
        tree.loops.append(ExpressionTree.Loop(function: function, collection: collection, body: body, option: option))
        return try add(
            .loop(Int32(tree.loops.count - 1)),
            at: name.range,
            kind: function == .sortBy ? kind : function.result,
            depth: max(tree.depth(of: collection), tree.depth(of: body), tree.depth(of: option)) + 1
        )
    }

    private mutating func missingBody(of function: LoopFunction, _ name: ExpressionToken) -> ExpressionError {
        guard current.kind == .rightParenthesis else { return unexpected(current) }
        return error("\(function.rawValue) needs a second argument", at: name.range)
    }

    /// Reads `{ … }` or a bare expression; a brace always opens a block here, never a map.
    private mutating func parseBody(of function: LoopFunction) throws(ExpressionError) -> NodeID {
        enclosingLoops.append(function)
        let body: NodeID
        if try take(.leftBrace) {
            body = try parseSequence()
            enclosingLoops.removeLast()
            try expect(.rightBrace)
        } else {
            body = try parseExpression()
            enclosingLoops.removeLast()
            if current.kind == .semicolon { throw error("put the whole predicate in braces", at: current.range) }
        }
        let kind = tree.kind(of: body)
        guard !function.bodyIsCondition || kind.canBe(.bool) else {
            throw error("the predicate of \(function.rawValue) is \(kind.withArticle) and must be a bool", at: body)
        }
        return body
    }
}

extension ClosedRange<Int> {
    /// What is wrong with a number of arguments.
    func complaint(about function: String, count: Int) -> String {
        let wanted =
            if lowerBound == upperBound {
                "\(lowerBound)"
            } else if upperBound == .max {
                "at least \(lowerBound)"
            } else {
                "\(lowerBound) to \(upperBound)"
            }
        return "\(function) takes \(wanted) argument\(wanted == "1" ? "" : "s") and is given \(count)"
    }
}
