import KargoCore

extension BuiltinStepKinds {
    /// What each kind may ask the controller for while an agent runs it, and which kinds never come to an agent.
    ///
    /// A step gets what its configuration names, and nothing that files of the work directory do: plugins write those.
    static let access: [String: StepAccess] = [
        ArgoCDUpdateStep.kind: .controller,
        ArgoCDWaitStep.kind: .controller,
        GHADispatchWorkflowStep.kind: .controller,
        GHAWaitForWorkflowStep.kind: .controller,
        GHCreateIssueStep.kind: .controller,
        GHIssueAddCommentStep.kind: .controller,
        GHIssueDeleteCommentStep.kind: .controller,
        GHIssueUpdateCommentStep.kind: .controller,
        GHSearchIssuesStep.kind: .controller,
        GHUpdateIssueStep.kind: .controller,
        GHWaitForIssueStateStep.kind: .controller,
        GitMergePRStep.kind: .controller,
        // It clones for itself, out of the work directory.
        GitOpenPRStep.kind: .controller,
        GitWaitForPRStep.kind: .controller,
        RecordAuditEventStep.kind: .controller,
        SetFreightAliasStep.kind: .controller,
        SetMetadataStep.kind: .controller,

        GitCloneStep.kind: .agent(asking: cloning),
        GitHubPushStep.kind: .agent(asking: pushing),
        GitPushStep.kind: .agent(asking: pushing),
        HelmTemplateStep.kind: .agent(asking: rendering),
        HelmUpdateChartStep.kind: .agent(asking: updatingCharts),
        KustomizeSetImageStep.kind: .agent(asking: settingImages),
        OCIDownloadStep.kind: .agent { artifact($0.config["imageRef"]) },
        OCIPushStep.kind: .agent { artifact($0.config["srcRef"]) + artifact($0.config["destRef"]) },

        ComposeOutputStep.kind: .agent,
        CopyStep.kind: .agent,
        DeleteStep.kind: .agent,
        FailStep.kind: .agent,
        FileWriteStep.kind: .agent,
        GitClearStep.kind: .agent,
        // Whose name and key it uses git-clone has put into the clone.
        GitCommitStep.kind: .agent,
        GitTagStep.kind: .agent,
        HCLUpdateStep.kind: .agent,
        HTTPDownloadStep.kind: .agent,
        // In the agent, so that it reaches what the Project's Pods reach, and not what the controller does.
        HTTPStep.kind: .agent,
        JSONParseStep.kind: .agent,
        JSONUpdateStep.kind: .agent,
        KustomizeBuildStep.kind: .agent,
        TarStep.kind: .agent,
        TOMLParseStep.kind: .agent,
        TOMLUpdateStep.kind: .agent,
        UntarStep.kind: .agent,
        YAMLMergeStep.kind: .agent,
        YAMLParseStep.kind: .agent,
        YAMLUpdateStep.kind: .agent,
    ]

    // MARK: Git

    private static func cloning(_ step: StepContext) -> [CapabilityGrant] {
        var grants: [CapabilityGrant] = []
        if let url = step.config["repoURL"]?.stringValue { grants.append(.credentials(.git, url: url)) }
        if (step.config["author"] ?? .null).isNull { grants.append(.gitUser) }
        return grants
    }

    private static func pushing(_ step: StepContext) -> [CapabilityGrant] {
        [.credentialsOfEarlier(kind: GitCloneStep.kind)]
    }

    // MARK: Artifacts

    private static func artifact(_ text: JSONValue?) -> [CapabilityGrant] {
        guard let text = text?.stringValue, let reference = try? OCIReference(text) else { return [] }
        return [.credentials(reference.isChart ? .helm : .image, url: reference.repositoryURL)]
    }

    // MARK: Charts

    private static func rendering(_ step: StepContext) -> [CapabilityGrant] {
        guard step.config["buildDependencies"] == true else { return [] }
        return freightCharts(step) + [.credentialsOfEarlier(kind: HelmUpdateChartStep.kind)]
    }

    private static func updatingCharts(_ step: StepContext) -> [CapabilityGrant] {
        let named = (step.config["charts"]?.arrayValue ?? [])
            .compactMap { chart -> String? in
                guard let repository = chart["repository"]?.stringValue, let name = chart["name"]?.stringValue else {
                    return nil
                }
                let dependency = ChartDependency(repository: repository, name: name, version: "")
                return dependency.registryReference.map { "oci://\($0)" } ?? repository
            }
        return named.map { .credentials(.helm, url: $0) } + freightCharts(step)
    }

    private static func freightCharts(_ step: StepContext) -> [CapabilityGrant] {
        let charts = step.promotion.freight.items.sorted { $0.key < $1.key }.flatMap(\.value.charts)
        return charts.map { .credentials(.helm, url: $0.repoURL) }
    }

    // MARK: Images

    private static func settingImages(_ step: StepContext) -> [CapabilityGrant] {
        guard (step.config["images"]?.arrayValue ?? []).isEmpty else { return [] }
        return step.promotion.freightRequests.map { .warehouse($0.origin.name) }
    }
}
