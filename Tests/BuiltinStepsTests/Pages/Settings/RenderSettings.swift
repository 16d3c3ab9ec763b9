import KargoCore
import KargoTestSupport

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension PageSetting {
    /// The programs of this machine that build kustomizations.
    static let kustomize = PageSetting(name: "kustomize", startsPrograms: true) { _, body in
        let path = ProgramPath(environment: ProcessInfo.processInfo.environment)
        guard path.find("kustomize") ?? path.find("kubectl") != nil else { throw MissingProgram(name: "kubectl") }
        try await body(PageScene(environment: ["PATH": path.value]))
    }

    /// A stand-in for helm, which can't be had everywhere: it renders one Deployment, whatever the chart, and makes
    /// dependencies out of nothing, in the versions that `Chart.yaml` asks for.
    static let helm = PageSetting(name: "helm", startsPrograms: true) { directory, body in
        let script = """
            for chart; do :; done
            if [ "$1" = dependency ]; then
                sed -n '/^dependencies:/,$p' "$chart/Chart.yaml" > "$chart/Chart.lock"
                mkdir -p "$chart/charts"
                sed -n 's/^- name: \\([a-z]*\\).*/\\1/p' "$chart/Chart.yaml" | while read -r name; do : > "$chart/charts/$name.tgz"; done
            else
                printf -- '---\\n# Source: web/templates/deployment.yaml\\napiVersion: apps/v1\\nkind: Deployment\\n'
                printf 'metadata:\\n  name: web\\n'
            fi
            """
        let programs = try await StandIn(in: StepBench(outside: directory), ["helm"], script: script)
        try await body(PageScene(environment: programs.environment))
    }
}
