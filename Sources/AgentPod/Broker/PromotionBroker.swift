import ExecutorRPC
import KargoCore
import Logging

/// Answers what the steps of one Promotion ask.
public struct PromotionBroker: Sendable {
    /// The longest part of what an agent sends that is logged or told.
    private static let longestQuote = 300

    let broker: CapabilityBroker
    let redactor: SecretRedactor
    let earlier: @Sendable (_ kind: String, _ index: Int) async throws -> [StepContext]

    /// Answers requests of an attempt.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    func answers(
        to requests: [CapabilityRequest],
        of step: StepContext,
        _ attempt: StepAttempt
    ) async throws -> ExecutionAnswers {
        var answers: [CapabilityAnswer] = []
        for request in requests {
            let reply = try await reply(to: request.question, of: step, attempt)
            answers.append(CapabilityAnswer(id: request.id, reply: reply))
        }
        return ExecutionAnswers(answers)
    }

    /// Answers a question.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    func reply(
        to question: CapabilityQuestion,
        of step: StepContext,
        _ attempt: StepAttempt
    ) async throws -> CapabilityReply {
        var metadata: Logger.Metadata = [
            "promotion.namespace": "\(step.promotion.project)", "promotion.name": "\(step.promotion.promotion)",
            "step.alias": "\(step.alias)", "step.kind": "\(step.kind)", "asked": "\(quote(question))",
        ]
        do {
            guard let grant = try await grant(for: question, of: step, attempt) else {
                broker.logger.warning("A step asked for what it may not have; it was refused.", metadata: metadata)
                return .refused(reason: refusal(of: question, to: step))
            }
            let reply = try await redeem(grant, project: step.promotion.project)
            for secret in reply.secrets { redactor.add(secret) }
            broker.logger.info("A step in an agent was told what it asked for.", metadata: metadata)
            return reply
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            let reason = redactor.redact("\(error)")
            metadata["error"] = "\(reason)"
            broker.logger.warning("A step's question could not be answered.", metadata: metadata)
            return .failed(reason: reason)
        }
    }

    // MARK: Grants

    /// The grant that a question falls under; nil if there is none.
    private func grant(
        for question: CapabilityQuestion,
        of step: StepContext,
        _ attempt: StepAttempt
    ) async throws -> CapabilityGrant? {
        for grant in grants(of: step) {
            switch grant {
            case .credentialsOfEarlier(let kind):
                // Looked for only where it is asked for: it may take reading Secrets.
                guard case .credentials = question else { continue }
                let earlier = try await earlier(kind, attempt.step).flatMap(grants)
                if let found = earlier.first(where: { $0.covers(question) }) { return found }
            case .credentials, .gitUser, .warehouse:
                if grant.covers(question) { return grant }
            }
        }
        return nil
    }

    private func grants(of step: StepContext) -> [CapabilityGrant] {
        let access = broker.access(step.kind)
        return access.place == .agent ? access.grants(step) : []
    }

    private func redeem(_ grant: CapabilityGrant, project: String) async throws -> CapabilityReply {
        switch grant {
        case .credentials(let type, let url):
            let found = try await broker.capabilities.credentials.credentials(type, for: url, project: project)
            return found.map {
                .credentials(username: $0.username, password: $0.password, sshPrivateKey: $0.sshPrivateKey)
            } ?? .nothing
        case .credentialsOfEarlier: return .nothing
        case .gitUser:
            guard let identity = broker.capabilities.gitIdentity else {
                throw MissingCapability("the operator's git identity")
            }
            let user = try await identity.gitUser()
            return .gitUser(name: user.name, email: user.email, signingKey: user.signingKey)
        case .warehouse(let name):
            guard let controlPlane = broker.capabilities.controlPlane else {
                throw MissingCapability("access to Warehouses")
            }
            return try await controlPlane.warehouse(name, project: project).map { .warehouse($0) } ?? .nothing
        }
    }

    // MARK: Texts

    private func quote(_ question: CapabilityQuestion) -> String {
        let text =
            switch question {
            case .credentials(let type, let url):
                "credentials of the \(type.rawValue) repository \(Self.withoutUser(type.normalized(url)))"
            case .gitUser: "the operator's git identity"
            case .warehouse(let name): "Warehouse \(name)"
            }
        let visible = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F })
        )
        return redactor.redact(String(visible.prefix(Self.longestQuote)))
    }

    /// The address without user and password.
    private static func withoutUser(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound] + url[url.index(after: at)...])
    }

    private func refusal(of question: CapabilityQuestion, to step: StepContext) -> String {
        let kinds = grants(of: step)
            .compactMap { grant in
                if case .credentialsOfEarlier(let kind) = grant { kind } else { nil }
            }
        let source =
            kinds.first.map {
                "neither the step's configuration nor a \($0) step that has succeeded before it names it"
            }
            ?? "the step's configuration does not name it"
        return "the controller refuses \(quote(question)): \(source)"
    }
}

extension CapabilityGrant {
    /// Whether a question falls under the grant.
    fileprivate func covers(_ question: CapabilityQuestion) -> Bool {
        switch (self, question) {
        case (.credentials(let type, let url), .credentials(type: let wantedType, url: let wanted)):
            type == wantedType && type.normalized(url) == type.normalized(wanted)
        case (.gitUser, .gitUser): true
        case (.warehouse(let name), .warehouse(name: let wanted)): name == wanted
        default: false
        }
    }
}
