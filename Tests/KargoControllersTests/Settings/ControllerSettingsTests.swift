import KargoControllers
import KargoCore
import KubernetesClient
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ControllerSettingsTests {
    private func problem(_ environment: [String: String]) -> String? {
        do {
            _ = try ControllerSettings(environment: environment, dataDirectory: "/data")
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `has defaults for everything on a local cluster`() throws {
        let settings = try ControllerSettings(environment: ["SHARD_NAME": ""], dataDirectory: "/data")
        #expect(settings.controller.shardName.isEmpty)
        #expect(settings.controller.isDefault)
        #expect(settings.systemNamespace == "kargo-system-resources")
        #expect(settings.pluginsEnabled)
        #expect(settings.maximumStepConcurrency == 4)
        #expect(settings.agentStartTimeout == nil)
        #expect(settings.agentImage == nil && settings.agentImagePullPolicy == nil && settings.podPolicyFile == nil)
        #expect(settings.maximumAgentRestarts == 2)
        #expect(settings.agentKeyFile == "/data/agent.key")
        #expect(settings.agentConnection == .automatic)
        #expect(settings.workDirectory == "/data/work")
        #expect(settings.argoCD?.namespace == "argocd")
        #expect(settings.argoCD?.kubeconfig == nil)
        #expect(settings.argoCD?.watchesNamespaceOnly == false)
        #expect(settings.requestRate == nil)
        #expect(settings.gitClient.name.isEmpty && settings.gitClient.signingKeyPath.isEmpty)
    }

    @Test func `finds Argo CD, unless it is told that there is none`() throws {
        let settings = try ControllerSettings(
            environment: [
                "ARGOCD_NAMESPACE": "cd", "ARGOCD_KUBECONFIG": "/cd/config",
                "ARGOCD_WATCH_ARGOCD_NAMESPACE_ONLY": "true",
                "ARGOCD_INTEGRATION_ENABLED": "1", "GITCLIENT_NAME": "Bot", "GITCLIENT_EMAIL": "bot@example.com",
                "GITCLIENT_SIGNING_KEY_TYPE": "gpg", "GITCLIENT_SIGNING_KEY_PATH": "/key",
            ],
            dataDirectory: "/data"
        )
        #expect(settings.argoCD?.namespace == "cd")
        #expect(settings.argoCD?.kubeconfig == "/cd/config")
        #expect(settings.argoCD?.watchesNamespaceOnly == true)
        #expect(settings.gitClient.name == "Bot" && settings.gitClient.email == "bot@example.com")
        #expect(settings.gitClient.signingKeyPath == "/key")
        let without = try ControllerSettings(
            environment: ["ARGOCD_INTEGRATION_ENABLED": "false"],
            dataDirectory: "/data"
        )
        #expect(without.argoCD == nil)
    }

    @Test func `takes what the environment says`() throws {
        let settings = try ControllerSettings(
            environment: [
                "SHARD_NAME": "east", "STEP_PLUGINS_ENABLED": "false", "AGENT_POD_START_TIMEOUT": "1m30s",
                "AGENT_POD_MAX_RESTARTS": "0", "MAX_CONCURRENT_PROMOTION_RECONCILES": "9",
                "KARGO_WORK_DIR": "/var/kargo",
                "SYSTEM_RESOURCES_NAMESPACE": "plugins", "KARGO_AGENT_IMAGE": "agent:1",
                "KARGO_AGENT_CONNECTION": "port-forward",
                "KARGO_AGENT_IMAGE_PULL_POLICY": "Always", "KARGO_POD_POLICY_FILE": "/etc/policy.yaml",
            ]
        )
        #expect(settings.controller.shardName == "east")
        // Or two controllers would run what has no shard.
        #expect(!settings.controller.isDefault)
        #expect(!settings.pluginsEnabled)
        #expect(settings.agentStartTimeout == .seconds(90))
        #expect(settings.maximumAgentRestarts == 0)
        #expect(settings.maximumStepConcurrency == 9)
        #expect(settings.systemNamespace == "plugins")
        #expect(settings.agentImage == "agent:1")
        #expect(settings.agentImagePullPolicy == "Always")
        #expect(settings.podPolicyFile == "/etc/policy.yaml")
        #expect(settings.agentKeyFile == nil)
        #expect(settings.agentConnection == .portForward)
    }

    @Test func `keeps to a rate of requests as Kargo does, on a local cluster if told to`() throws {
        let elsewhere = try ControllerSettings(environment: ["KARGO_WORK_DIR": "/w"])
        #expect(elsewhere.requestRate == .kubernetes)
        let slow = try ControllerSettings(environment: ["KUBE_API_QPS": "2.5"], dataDirectory: "/data")
        #expect(slow.requestRate == RequestRate(perSecond: 2.5, burst: 300))
    }

    @Test(arguments: [
        ("IS_DEFAULT_CONTROLLER", "yes", "true or false"),
        ("MAX_CONCURRENT_PROMOTION_RECONCILES", "0", "a whole number, 1 or more"),
        ("AGENT_POD_MAX_RESTARTS", "-1", "a whole number, 0 or more"),
        ("AGENT_POD_START_TIMEOUT", "10", "a duration greater than zero, like 10m"),
        ("AGENT_POD_START_TIMEOUT", "0s", "a duration greater than zero, like 10m"),
        ("KARGO_AGENT_CONNECTION", "proxy", "auto, direct or port-forward"),
        ("ARGOCD_INTEGRATION_ENABLED", "no", "true or false"), ("KUBE_API_BURST", "0", "a whole number, 1 or more"),
        ("KUBE_API_QPS", "0", "a number greater than zero"), ("KUBE_API_QPS", "fast", "a number greater than zero"),
        ("ARGOCD_WATCH_ARGOCD_NAMESPACE_ONLY", "argocd", "true or false"),
        ("GITCLIENT_SIGNING_KEY_TYPE", "ssh", "gpg"),
        ("KARGO_AGENT_IMAGE_PULL_POLICY", "always", "Always, IfNotPresent or Never"),
    ])
    func `names the variable that it can't understand`(name: String, value: String, wanted: String) {
        #expect(problem([name: value]) == "\(name) is \"\(value)\"; it must be \(wanted)")
    }

    @Test func `understands what the Deployment says`() throws {
        let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let text = try String(contentsOf: root.appending(path: "extended/deploy/deployment.yaml"), encoding: .utf8)
        let spec = try JSONValue(yaml: text)[path: "spec", "template", "spec"]
        let variables = try #require(spec?["containers"]?.arrayValue?.first?["env"]?.arrayValue)
        var environment: [String: String] = [:]
        for variable in variables {
            environment[variable["name"]?.stringValue ?? ""] = variable["value"]?.stringValue ?? "given"
        }
        let settings = try ControllerSettings(environment: environment)
        #expect(settings.workDirectory == "/var/lib/kargo/work")
        #expect(settings.podPolicyFile == "/etc/kargo/policy.yaml")
        #expect(settings.agentImage == nil && environment["POD_NAME"] != nil && environment["POD_NAMESPACE"] != nil)
    }

    @Test func `demands a directory where there is no data directory`() {
        #expect(throws: ControllerSettings.Failure.self) { try ControllerSettings(environment: [:]) }
    }
}
