import Synchronization

/// The functions that read the Project: its Secrets and ConfigMaps, and what is noted on its Freight and Stages.
///
/// What is read of a Secret or ConfigMap holds for one evaluation of a step, as in Kargo, so that the parts of a
/// credential fit together; that there is none is looked up anew.
final class ProjectFunctions: Sendable {
    private struct Source: Hashable {
        var kind: String
        var name: String
        var space: ExpressionSpace
    }

    private let project: String
    private let data: any ExpressionData
    private let redactor: SecretRedactor
    private let known = Mutex<[Source: [String: String]]>([:])

    init(project: String, data: any ExpressionData, redactor: SecretRedactor) {
        self.project = project
        self.data = data
        self.redactor = redactor
    }

    var functions: [ExpressionFunction] {
        [
            texts("configMap", in: .project(project), ProjectFunctions.configMap),
            texts("sharedConfigMap", in: .shared, ProjectFunctions.configMap),
            texts("secret", in: .project(project), ProjectFunctions.secret),
            texts("sharedSecret", in: .shared, ProjectFunctions.secret),
            noted("freightMetadata") { [self] name in
                try await data.freight(name, project: project)?.status.metadata
            },
            noted("freightStatus") { [self] name in
                try await data.freight(name, project: project).map { try JSONValueEncoder().encode($0.status) }
            },
            noted("stageMetadata") { [self] name in
                try await data.stage(name, project: project)?.status.metadata
            },
        ]
    }

    /// A function that gives the texts under the keys of an object; none where there is no object.
    private func texts(
        _ function: String,
        in space: ExpressionSpace,
        _ read: @escaping @Sendable (ProjectFunctions) -> (String, ExpressionSpace) async throws -> [String: String]?
    ) -> ExpressionFunction {
        ExpressionFunction(function, arity: 1...1) { [self] arguments in
            let name = try arguments.name(at: 0)
            let source = Source(kind: function, name: name, space: space)
            if let texts = known.withLock({ $0[source] }) { return .map(ExpressionMap(texts: texts)) }
            guard let texts = try await read(self)(name, space) else { return .map(ExpressionMap(texts: [:])) }
            known.withLock { $0[source] = texts }
            return .map(ExpressionMap(texts: texts))
        }
    }

    private func configMap(_ name: String, in space: ExpressionSpace) async throws -> [String: String]? {
        try await data.configMap(name, in: space)?.data
    }

    private func secret(_ name: String, in space: ExpressionSpace) async throws -> [String: String]? {
        guard let secret = try await data.secret(name, in: space) else { return nil }
        // Of the Secrets for all Projects only those made for expressions are shown to them, as in Kargo.
        if space == .shared, secret.metadata.labels[KargoAPI.Label.credentialType] != "generic" { return nil }
        var texts: [String: String] = [:]
        for key in secret.data.keys {
            guard let bytes = try secret.bytes(forKey: key) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            redactor.add(text)
            texts[key] = text
        }
        return texts
    }

    /// A function that gives what is noted on an object; nil where there is no object or nothing is noted.
    private func noted(
        _ function: String,
        _ read: @escaping @Sendable (String) async throws -> JSONValue?
    ) -> ExpressionFunction {
        ExpressionFunction(function, arity: 1...1) { arguments in
            ExpressionValue(try await read(arguments.name(at: 0)) ?? .null, numbers: .floating)
        }
    }
}

extension ExpressionArguments {
    /// An argument that must be the name of something.
    ///
    /// - Throws: ``ExpressionError`` for anything but a string that is not empty.
    func name(at index: Int) throws(ExpressionError) -> String {
        let name = try string(at: index)
        guard !name.isEmpty else { throw ExpressionError("\(functionName)() needs a name, which is empty here") }
        return name
    }
}
