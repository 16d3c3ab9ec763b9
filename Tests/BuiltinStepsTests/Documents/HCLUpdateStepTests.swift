import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("hcl-update")
struct HCLUpdateStepTests {
    private static let text = """
        # head
        terraform {
          required_providers {
            aws = {
              source  = "hashicorp/aws" // where
              "version" : "~> 5.0",
            }
          }
          backend "s3" { bucket = "b" }
        }
        resource "aws_instance" "web" {
          ami   = "ami-1" # the image
          count = var.n > 1 ? length([1, 2]) : 0 /* how many */
          size  = 1
          tags  = ["a", "b"]
          user_data = <<-EOT
            #!/bin/sh
            ami = "no"
            EOT
          note  = "x ${join("}", ["\\"", "{"])} y"
          ebs { size = 1 }
          ebs {
            size = 2
          }
        }
        resource "aws_instance" "db.1" {
          ami = data.x.ami
        }

        """

    private func update(_ bench: StepBench, _ key: String, _ value: JSONValue) async throws -> StepResult {
        try await bench.run("hcl-update", ["path": "main.tf", "updates": [["key": .string(key), "value": value]]])
    }

    @Test(
        arguments: [
            ("resource.aws_instance.web.ami", "ami-2", "\"ami-1\"", "\"ami-2\""),
            ("resource.aws_instance.web.size", 1_000_000, "size  = 1", "size  = 1000000"),
            ("resource.aws_instance.web.count", 2, "var.n > 1 ? length([1, 2]) : 0", "2"),
            (
                "resource.aws_instance.web.note", "${x} %{y} $z \"\\\n", "\"x ${join(\"}\", [\"\\\"\", \"{\"])} y\"",
                "\"$${x} %%{y} $z \\\"\\\\\\n\""
            ),
            (
                "resource.aws_instance.web.user_data", "x",
                "<<-EOT\n    #!/bin/sh\n    ami = \"no\"\n    EOT", "\"x\""
            ),
            ("resource.aws_instance.web.ebs.1.size", 3, "size = 2", "size = 3"),
            ("resource.aws_instance.web.ebs.0.size", 3, "ebs { size = 1 }", "ebs { size = 3 }"),
            ("resource.aws_instance.db\\.1.ami", true, "data.x.ami", "true"),
            ("terraform.backend.s3.bucket", "c", "\"b\" }", "\"c\" }"),
            ("terraform.required_providers.aws.version", "~> 6.0", "~> 5.0", "~> 6.0"),
            ("terraform.required_providers.aws.source", "x", "\"hashicorp/aws\" //", "\"x\" //"),
        ] as [(String, JSONValue, String, String)]
    )
    func `changes just the attribute`(key: String, value: JSONValue, old: String, new: String) async throws {
        for ending in ["\n", "\r\n"] {
            let lines = { (text: String) in
                text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: ending)
            }
            try await StepBench.with { bench async throws in
                try bench.write(lines(Self.text), to: "main.tf")
                let result = try await update(bench, key, value)
                #expect(result.status == .succeeded, "\(result.message)")
                let parts = lines(Self.text).components(separatedBy: lines(old))
                #expect(parts.count == 2)
                #expect(try bench.read("main.tf") == parts.joined(separator: lines(new)))
            }
        }
    }

    @Test func `tells what it has done as a commit message`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("a = 1\nb=\"x\"", to: "main.tf")
            let config: JSONValue = [
                "path": "main.tf", "updates": [["key": "b", "value": "y"], ["key": "a", "value": 2]],
            ]
            let message = "Updated main.tf\n\n- b: \"y\"\n- a: 2"
            #expect(
                try await bench.run("hcl-update", config) == .succeeded(output: ["commitMessage": .string(message)])
            )
            #expect(try bench.read("main.tf") == "a = 2\nb=\"y\"")
        }
    }

    @Test(arguments: [
        "none", "resource", "resource.aws_instance.web", "resource.aws_instance.web.none",
        "resource.aws_instance.web.tags", "resource.aws_instance.web.ebs.size", "resource.aws_instance.web.ebs.2.size",
        "terraform.required_providers.aws", "resource.aws_instance.web.ami.x", "a..b",
    ])
    func `changes nothing where there is no such attribute, or several`(key: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(Self.text, to: "main.tf")
            let result = try await update(bench, key, "x")
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
            #expect(try bench.read("main.tf") == Self.text)
        }
    }

    @Test(arguments: [
        "a = ", "a {", "a = \"x", "a = [1", "a = <<E\nx\n", "/* x", "= 1", "a = (]\n", "}", "a b\n",
        "a = " + String(repeating: "[", count: 10_000), String(repeating: "a {\n", count: 10_000),
    ])
    func `can't change what is no HCL`(text: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "main.tf")
            #expect(try await update(bench, "a", 1).status == .errored)
            #expect(try bench.read("main.tf") == text)
        }
    }
}
