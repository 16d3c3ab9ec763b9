import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@testable import KargoCommands

@Suite("What a Promotion would do")
struct PromotionOutlineTests {
    private static let stage = """
        ---
        apiVersion: kargo.akuity.io/v1alpha1
        kind: Stage
        metadata: {name: all, namespace: demo}
        spec:
          requestedFreight: [{origin: {kind: Warehouse, name: apps}, sources: {direct: true}}]
          promotionTemplate:
            spec:
              steps:
              - uses: yaml-update
                as: update
                config:
                  path: values.yaml
                  updates: [{key: image, value: '${{ imageFrom("nginx").Tag }}'}]
              - uses: http
                continueOnError: true
                if: ${{ outputs.update.changed }}
                config: {url: 'https://me:${{ secret("creds").token }}@h/${{ outputs.update.commit }}'}
              - uses: fail
                if: ${{ failure() }}
              - uses: copy
                config: {inPath: '${{ vars.no.path }}', outPath: '${{ ctx.stage }}'}
        """

    private func outline() async throws -> PromotionOutline {
        let text = "\(OfflineProject.text)\n\(Self.stage)"
        let api = try ManifestAPI(Manifest.all(in: text, of: "f.yaml"), project: "demo")
        let objects = KargoObjects(api: api)
        let planned = try await PlannedPromotion(
            of: try await objects.freight(alias: "brave-otter", project: "demo"),
            to: try await objects.stage("all", project: "demo"),
            api: api,
            sharedNamespace: "kargo-shared-resources"
        )
        return PromotionOutline(
            plan: planned.plan,
            preview: try await PromotionPreview(of: planned.plan, data: planned.data)
        )
    }

    @Test func `is told step by step`() async throws {
        let outline = try await outline()
        let lines = outline.text(.text).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasSuffix("(brave-otter) to Stage all: what would run. Nothing is run."))
        #expect(
            lines[3...].joined(separator: "\n") == """
                1. update: yaml-update runs
                   config:
                     path: values.yaml
                     updates:
                     - key: image
                       value: 1.27.0

                2. step-2: http runs, or is skipped: that is known later
                   if: ${{ outputs.update.changed }}
                   continueOnError: true
                   config:
                     url: https://me:***@h/${{ outputs.update.commit }}
                   ? if: known when step "update" has run
                   ? config.url: known when step "update" has run

                3. step-3: fail is skipped
                   if: ${{ failure() }}

                4. step-4: copy runs
                   config:
                     inPath: ${{ vars.no.path }}
                     outPath: all
                   ! config.inPath: nil has no 'path'; use ?. where nil is expected
                          vars.no.path\u{20}
                                  ^^^^

                """
        )
        #expect(outline.hasProblems)
    }

    @Test(arguments: [PromotionOutline.Format.json, .yaml])
    func `is told to programs`(_ format: PromotionOutline.Format) async throws {
        let text = try await outline().text(format)
        let value = try format == .json ? JSONValue(parsing: text) : JSONValue(yaml: text)
        #expect(value["stage"] == "all")
        let steps = try #require(value["steps"]?.arrayValue)
        #expect(steps.map { $0["decision"] } == ["runs", "unknown", "skipped", "runs"])
        #expect(steps[1]["if"] == "${{ outputs.update.changed }}")
        #expect(steps[1]["continueOnError"] == true)
        #expect(steps[1][path: "config", "url"] == "https://me:***@h/${{ outputs.update.commit }}")
        #expect(steps[1]["unknowns"]?.arrayValue?.first?["path"] == "if")
        #expect(steps[3]["problems"]?.arrayValue?.count == 1)
    }
}
