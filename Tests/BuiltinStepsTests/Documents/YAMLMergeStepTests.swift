import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

@Suite("yaml-merge")
struct YAMLMergeStepTests {
    @Test(
        arguments: [
            (["a: 1\n"], "a: 1\n"),
            (["a:   1\nb:\n    - x\n    -   y: 1\n        z: 2\n"], "a: 1\nb:\n- x\n- y: 1\n  z: 2\n"),
            (["a: 1\nb: 2\n", "b: 3\n"], "a: 1\nb: 3\n"),
            (
                ["a: 1\n", "z: 1\nb: {y: 1, x: 2}\nc:\n  f: 1\n  e: 2\n"],
                "a: 1\nb: {y: 1, x: 2}\nc:\n  f: 1\n  e: 2\nz: 1\n"
            ),
            (
                ["a:\n  b:\n    c: 1\n    d: 2\n", "a:\n  b:\n    d: 3\n    e: 4\n"],
                "a:\n  b:\n    c: 1\n    d: 3\n    e: 4\n"
            ),
            (["l:\n- 1\n- 2\n", "l: [3]\n"], "l: [3]\n"),
            (["a: 1\nb: 2\n", "a: null\n"], "b: 2\n"),
            (["a: 1\nb: ~\n", "c: null\n"], "a: 1\nb: ~\n"),
            (["a: ~\n", "a: {b: 1}\n"], "a: {b: 1}\n"),
            (["a: 1\n", "", "# nothing\n", "b: 2\n"], "a: 1\nb: 2\n"),
            (["", "# nothing\n"], ""),
            (["a: 1\n---\nb: 1\n", "c: 1\n---\nd: 1\n"], "a: 1\nc: 1\n"),
            (["a: 1\n", "b: 2\n", "a: 3\n"], "a: 3\nb: 2\n"),
            (["a: 'x'\nb: \"x\"\nc: x\n", "a: w\nb: w\nc: 'w'\n"], "a: 'w'\nb: \"w\"\nc: w\n"),
            (["a: 'x'\nb: \"1\"\n", "a: 5\nb: true\n"], "a: 5\nb: true\n"),
            (["c: x\n", "c: '5'\n"], "c: '5'\n"),
            (["{a: 1, b: [1, {c: x}]}\n", "a: 'q, r'\n"], "{a: \"q, r\", b: [1, {c: x}]}\n"),
            (
                ["a: |\n    one\n\n    two\nb: >- # why\n  x\n  y\n", "c: 1\n"],
                "a: |\n  one\n\n  two\nb: >- # why\n  x\n  y\nc: 1\n"
            ),
            (["a: one\n  two\nb: \"x\n  y\"\n"], "a: one two\nb: \"x y\"\n"),
            (["a: &x {k: 1}\nb: *x\n", "c: 1\n"], "a: &x {k: 1}\nb: *x\nc: 1\n"),
            (["a: &x 1\nb: *x\n", "a: 2\n"], "a: 2\nb: 1\n"),
            (["a: &x {k: 1}\nb:\n  <<: *x\n  l: 2\n", "a: null\n"], "b:\n  <<: {k: 1}\n  l: 2\n"),
            (["a: !!str 1\nb: !local\n  k: v\n"], "a: !!str 1\nb: !local\n  k: v\n"),
            (["a: {}\nb: []\nc:\nd: \"\"\n"], "a: {}\nb: []\nc:\nd: \"\"\n"),
            (["- - a\n  - b\n- - c\n"], "- - a\n  - b\n- - c\n"),
            (["a: 1\r\nb:\r\n  - x # c\r\n"], "a: 1\nb:\n- x # c\n"),
            (["\u{FEFF}é: ü # ö\n", "é: ä\n"], "é: ä # ö\n"),
            (["a: {\n  b: 1, # one\n  c: [\n    x,\n  ],\n}\n"], "a:\n  b: 1 # one\n  c:\n  - x\n"),
        ] as [([String], String)]
    )
    func `merges documents`(documents: [String], expected: String) throws {
        #expect(try YAMLMerge.merge(documents) == expected)
    }

    @Test func `keeps comments, those of later files first`() throws {
        let first = """
            # head

            # of a
            a: 1 # one
            # of b
            b: # two
              # of c
              c: 3
              d: 4 # four

            l: # list
              # of x
              - x # ex
              # of m
              - m: 1
                # of n
                n: 2
            # foot

            """
        let second = """
            # new a
            a: 10
            b:
              c: 30 # three
              e: 50 # five

            """
        let expected = """
            # new a
            a: 10 # one
            # of b
            b: # two
              # of c
              c: 30 # three
              d: 4 # four
              e: 50 # five

            l: # list
            # of x
            - x # ex
            # of m
            - m: 1
              # of n
              n: 2
            # foot

            """
        #expect(try YAMLMerge.merge([first, second]) == expected)
    }

    @Test(arguments: [
        ["a: 1\n", "a: {b: 1}\n"], ["a: [1]\n", "a: 1\n"], ["a: {b: 1}\n", "a: [1]\n"], ["a: 1\n", "- 1\n"],
        ["a: [\n"], ["? [a]\n: 1\n"],
    ])
    func `refuses what does not go together`(documents: [String]) {
        #expect(throws: (any Error).self) { try YAMLMerge.merge(documents) }
    }

    @Test func `merges known lists of Kubernetes' objects by their keys`() throws {
        let first = """
            apiVersion: apps/v1
            kind: Deployment
            spec:
              template:
                spec:
                  containers:
                  - name: web
                    image: web:1
                    args: [a, b]
                  - name: proxy
                    image: proxy:1
                  - name: old
                    image: old:1

            """
        let second = """
            spec:
              template:
                spec:
                  containers:
                  - name: proxy
                    image: proxy:2
                  - name: web
                    args: [c]
                  - name: old
                    $patch: delete
                  - name: new
                    image: new:1

            """
        let expected = """
            apiVersion: apps/v1
            kind: Deployment
            spec:
              template:
                spec:
                  containers:
                  - name: web
                    image: web:1
                    args: [c]
                  - name: proxy
                    image: proxy:2
                  - name: new
                    image: new:1

            """
        #expect(try YAMLMerge.merge([first, second]) == expected)
        let unknown = first.split(separator: "apps/v1").joined(separator: "example.com/v1")
        #expect(try !YAMLMerge.merge([unknown, second]).contains("web:1"))
    }

    @Test func `bounds what aliases make of a small file`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(throws: YAMLPartReader.Unsupported.self) { try YAMLMerge.merge([text]) }
    }

    @Test func `writes the result and tells what it has done`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("a: 1\n", to: "a.yaml")
            try bench.write("b: 2\n", to: "b.yaml")
            let both: JSONValue = ["inFiles": ["a.yaml", "b.yaml"], "outFile": "d/out.yaml"]
            let message = "Merged 2 YAML files to d/out.yaml\n\n- a.yaml\n- b.yaml"
            #expect(try await bench.run("yaml-merge", both) == .succeeded(output: ["commitMessage": .string(message)]))
            #expect(try bench.read("d/out.yaml") == "a: 1\nb: 2\n")
            let one: JSONValue = ["inFiles": ["b.yaml", "none.yaml"], "outFile": "a.yaml", "ignoreMissingFiles": true]
            #expect(
                try await bench.run("yaml-merge", one)
                    == .succeeded(output: ["commitMessage": "Wrote b.yaml to a.yaml"])
            )
            #expect(try bench.read("a.yaml") == "b: 2\n")
        }
    }

    @Test func `writes an empty file of nothing`() async throws {
        try await StepBench.with { bench async throws in
            let config: JSONValue = ["inFiles": ["none.yaml"], "outFile": "out.yaml", "ignoreMissingFiles": true]
            #expect(try await bench.run("yaml-merge", config) == .succeeded())
            #expect(try bench.read("out.yaml") == "")
        }
    }

    @Test(arguments: ["none.yaml", "../outside.yaml", "broken.yaml", ""])
    func `writes nothing if a file can't be read`(name: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("a: 1\n", to: "a.yaml")
            try bench.write("a: [\n", to: "broken.yaml")
            try bench.outside.write("a: secret\n", to: "outside.yaml")
            let config: JSONValue = ["inFiles": ["a.yaml", .string(name)], "outFile": "out.yaml"]
            #expect(try await bench.run("yaml-merge", config).status == .errored)
            #expect(!bench.contains("out.yaml"))
        }
    }
}
